"""GitHub: what a pull request is told, and the plan that it was shown."""
