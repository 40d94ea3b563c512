-- Sets one shard's live counters of many sites, none of them by an older value.
-- KEYS: the hashes of the sites.
-- ARGV: shard, seconds to live, channel; then for each key: site id, applied, the new value.
-- A value is a msgpack array that begins with its `applied`. Equal may rewrite: a value is a
-- function of it. Offsets compare exactly below 2^53. Returns how many were written.
local shard, ttl_s, channel = ARGV[1], ARGV[2], ARGV[3]

local function applied_of(value)
  local readable, decoded = pcall(cmsgpack.unpack, value)
  return readable and type(decoded) == 'table' and tonumber(decoded[1]) or -1
end

local written = 0
for index, key in ipairs(KEYS) do
  local site_id, applied, value = unpack(ARGV, 3 * index + 1, 3 * index + 3)
  local kept = redis.call('HGET', key, shard)
  if not kept or applied_of(kept) <= tonumber(applied) then
    redis.call('HSET', key, shard, value)
    redis.call('EXPIRE', key, ttl_s)
    redis.call('PUBLISH', channel, site_id)
    written = written + 1
  end
end
return written
