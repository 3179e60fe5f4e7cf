"""The programs that run on the router: what a document wants of them, how they are started, checked and told."""
