"""Worker processes that share the fleet: each polls its shard of the routers with an engine of its own."""
