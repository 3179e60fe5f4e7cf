"""Webhooks for request states: what is sent, how it is signed, when it is tried again, and how a receiver checks it."""
