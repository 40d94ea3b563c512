"""The Faust application: hits in, rollups, live counters, closed minutes and alerts out."""
