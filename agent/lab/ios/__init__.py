"""How one router speaks: its grammar, what its lines do, its exec commands, and SSH and SCP around them."""
