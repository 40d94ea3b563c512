"""Rollups in ClickHouse: tables, the store that writes them, and the one way to read them."""
