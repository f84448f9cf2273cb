"""What an assistant may ask of a project, by the Model Context Protocol."""
