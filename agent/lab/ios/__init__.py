"""How a router is spoken to: exec commands and sessions, and SSH and SCP around them."""
