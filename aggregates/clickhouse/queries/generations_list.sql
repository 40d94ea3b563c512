-- The generations of the rollups, asked of the base database.
-- Grain: generation.
-- Columns: number, rules (JSON), state, made_s (epoch seconds), activation, version.
SELECT number, rules, state, toUInt32(made_at) AS made_s, activation, version
FROM generations FINAL
ORDER BY number
