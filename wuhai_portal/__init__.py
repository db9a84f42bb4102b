"""The roof: settings, root addresses, and what shows several apps together."""
