"""What routers do to packets besides forwarding them: filter, inspect, translate, steer, mark, and stand in."""
