"""Whether every tunnel that should form will form: what both of its ends say, and where they do not fit."""
