"""What the API shows and takes: frozen models, which OpenAPI is made from. Pure."""
