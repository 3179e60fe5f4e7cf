"""Plan, transaction and acceptance: how a configuration reaches a router."""
