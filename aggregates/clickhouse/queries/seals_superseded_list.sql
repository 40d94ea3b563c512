-- Seals that count no more and were made long enough ago that nobody reads by them.
-- Grain: seal.
-- Columns: seal.
SELECT DISTINCT seal
FROM day_rows
WHERE seal < %(before)s
    AND seal NOT IN (SELECT seal FROM day_seals FINAL)
LIMIT %(limit)s
