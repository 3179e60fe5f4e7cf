"""Lync servers watched: samples, states, alarms and incidents, as for routers [LY-9]."""
