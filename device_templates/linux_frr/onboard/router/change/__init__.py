"""A change of configuration: the document, its checks, its journal, and the way there and back."""
