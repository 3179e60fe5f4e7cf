"""The tables of watching: states of routers, notes of polls, and alarms; read and written for many routers at once."""
