"""Live counters in Redis."""
