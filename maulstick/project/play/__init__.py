"""What a playbook says of its steps: their options, variables and conditions."""
