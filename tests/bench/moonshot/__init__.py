"""A hundred thousand SNMPv3 devices in each five-minute cycle on this machine: polled, kept, and watched meanwhile."""
