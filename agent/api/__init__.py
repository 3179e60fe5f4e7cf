"""The HTTP API: what other systems, the desk and customers may see and ask for, each with a token of its own."""
