"""The poll cycle: samples, states, alarms."""
