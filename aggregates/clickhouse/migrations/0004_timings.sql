-- Load timings and web vitals: parallel arrays, one element for each number a row's hits reported.
-- `timing_names` are indexes into schemas/timings.py.

ALTER TABLE hit_rows
    ADD COLUMN timing_names Array(UInt8),
    ADD COLUMN timing_values Array(UInt32);
