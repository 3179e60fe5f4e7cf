"""Parts of the neutral model, each from the files that tell of it."""
