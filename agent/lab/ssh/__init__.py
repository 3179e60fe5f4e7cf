"""SSH as the virtual router serves it: listening, logins, terminals and SCP."""
