-- What the ledger holds of a site and period, told apart from what it held before: the same version
-- of a row key is the same row, so the same pairs of them are the same rows. A superseded version
-- counts until a merge drops it.
-- Grain: one row.
-- Columns: row_count, digest (modulo 2^64).
SELECT count() AS row_count, sum(cityHash64(row_key, version)) AS digest
FROM ledger_rows
WHERE site_id = %(site_id)s
    AND minute >= toDateTime(%(since_s)s)
    AND minute < toDateTime(%(end_s)s)
