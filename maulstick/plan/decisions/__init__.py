"""What people decided about conflicts, kept in files for every later plan."""
