"""Signing in: rules for passwords, lock-out, the second factor, the end of a session, what the security log hears."""
