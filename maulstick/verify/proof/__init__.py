"""What is asked of pages and files, and what their answers prove."""
