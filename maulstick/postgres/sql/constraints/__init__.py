"""What the target's constraints will say about rows, found before they are written."""
