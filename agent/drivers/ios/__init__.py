"""Cisco IOS-XE: its terminal over SSH, by NAPALM's IOS driver with the device's own safety."""
