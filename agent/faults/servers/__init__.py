"""Diagnostics of a Lync server's incident: evidence from every side, and a conclusion that guesses nothing [LY-9]."""
