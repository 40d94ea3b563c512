-- Delete some sites' minutes for good. The server does it in the background (mutations_pending.sql).
ALTER TABLE {table} DELETE WHERE {condition}
