"""How a step of a playbook comes to be performed: its conditions, its tries, and what follows a failure."""
