-- Visitors of a day who may have hits on other days: those with a session that may go on over
-- either midnight, as it has a hit within a session gap of it. Every other id is of this day (UTC)
-- alone, as ids are made with the day's salt.
-- Grain: visitor, not unique.
-- Columns: visitor_id.
-- Superseded versions of rows count as well: one too many is still counted once, by its id.
SELECT visitor_id
FROM hit_rows
ARRAY JOIN visitor_ids AS visitor_id
WHERE site_id = %(site_id)s
    AND minute >= toDateTime(%(start_s)s)
    AND minute < toDateTime(%(end_s)s)
    AND (minute < toDateTime(%(near_start_s)s) OR minute >= toDateTime(%(near_end_s)s))
