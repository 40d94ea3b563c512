"""One agent a file: decode, call the core, hand to a sink."""
