"""Lync servers: plans, changes with their undo, backups and restorations [LY-1 to LY-12]."""
