"""TLS ports looked at from outside: how far they are reached, and the certificates that they show."""
