"""The operations under /v1, one module for each part of the API."""
