"""Incidents: tickets and their life; pure."""
