"""How a router is spoken to: exec commands, sessions and logins."""
