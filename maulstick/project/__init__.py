"""What a project declares: inventory, playbooks, plugins."""
