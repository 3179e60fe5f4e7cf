"""Which traffic lines pick, and what is done with it: lists, classes, policies, zones, translation, policy routing."""
