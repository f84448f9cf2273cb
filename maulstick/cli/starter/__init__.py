"""What a new project starts from: plugins proposed from a database's tables."""
