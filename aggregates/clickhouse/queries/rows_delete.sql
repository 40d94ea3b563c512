-- Delete some sites' minutes for good. The server does it in the background (mutations_pending.sql).
-- Grain: a statement, it has no rows.
ALTER TABLE {table} DELETE WHERE {condition}
