"""The fold of hits into rollups and live counters, and the stores it is kept in."""
