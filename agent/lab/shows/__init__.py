"""Show output that depends on the network, as IOS-XE prints it."""
