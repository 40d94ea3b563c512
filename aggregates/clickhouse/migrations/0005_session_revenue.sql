-- Revenue by session, so that it can be told apart by what the visit did: an array parallel to
-- session_ids, empty where no hit of the row has revenue. The streams find no checkpoint of this
-- version, fold the log from its beginning and write every row anew.

ALTER TABLE hit_rows
    ADD COLUMN session_revenue_micros Array(Int64);
