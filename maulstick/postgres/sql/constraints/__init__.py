"""What the constraints of the target say of rows before they are written."""
