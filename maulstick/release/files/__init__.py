"""Files without a subject: sent one by one, and those that the bucket lacks."""
