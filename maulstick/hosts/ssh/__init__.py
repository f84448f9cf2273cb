"""A machine of your own, by SSH."""
