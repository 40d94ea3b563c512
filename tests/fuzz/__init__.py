"""Whatever is sent: the collector under drawn requests (deploy/docs/ways-in.md)."""
