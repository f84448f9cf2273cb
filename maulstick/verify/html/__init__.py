"""A page as HTML: its elements, its words, its pictures."""
