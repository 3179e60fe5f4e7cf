"""Simple service requests [WV-22]: a catalogue of typed changes, and each request's life from submitted to applied."""
