"""The demonstration: the whole main job with a hub and two spokes, by the commands a person would type."""
