-- Where the hits of a period went.
-- Grain: outcome ("counted" or a drop reason).
-- Columns: outcome, hit_count.
SELECT outcome, sum(hits) AS hit_count
FROM ledger_rows FINAL
WHERE site_id = %(site_id)s
    AND minute >= toDateTime(%(start_s)s)
    AND minute < toDateTime(%(end_s)s)
GROUP BY outcome
ORDER BY outcome
