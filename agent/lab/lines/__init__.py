"""The configuration lines of a platform: which there are, what they do, and how one configuration becomes another."""
