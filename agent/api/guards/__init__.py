"""What every request passes before it is understood: limits, the token, the audit. Plain ASGI, one guard a module."""
