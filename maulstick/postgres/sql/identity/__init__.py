"""Which row of the target each row of a bundle is."""
