"""The text of each platform: templates that write it, the parser that reads it back, what it hides and owns."""
