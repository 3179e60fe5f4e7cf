"""Devices that are broken in all ways, polled beside healthy ones: what the product says of each."""
