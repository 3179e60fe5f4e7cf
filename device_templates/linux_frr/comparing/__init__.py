"""When two configurations are equal, and what of one is in the other: under the platform's declared masks."""
