"""Steps that come with Maulstick and use nothing but what a plugin's step may use."""
