-- What retention took away, kept in the base database as it is of no generation: of each site, no
-- minute before `cutoff` is kept. It only ever grows, so a rebuild cannot bring back what was
-- deleted, whatever the site's setting has become since.

CREATE TABLE expiries
(
    site_id UInt32,
    cutoff UInt32
)
ENGINE = ReplacingMergeTree(cutoff)
ORDER BY site_id;
