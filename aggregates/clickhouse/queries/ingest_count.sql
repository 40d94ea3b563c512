-- What the collectors did with the events of a period, by the minute they received them.
-- Grain: outcome ("accepted" or the reason of a refusal).
-- Columns: outcome, event_count.
SELECT outcome, sum(events) AS event_count
FROM ingest_rows FINAL
WHERE site_id = %(site_id)s
    AND minute >= toDateTime(%(start_s)s)
    AND minute < toDateTime(%(end_s)s)
GROUP BY outcome
ORDER BY outcome
