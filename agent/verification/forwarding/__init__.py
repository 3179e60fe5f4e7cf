"""One router as packets meet it, and their way through it and through others."""
