pytest_plugins = ["maulstick.testing"]
