"""The three latest configurations of each router: integrity, encryption, redaction, restore."""
