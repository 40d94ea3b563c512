-- Count one request, unless the window holds as many as it may.
-- KEYS[1]  hash: number of a part of the window -> requests counted in that part
-- ARGV     1 the part it is now, 2 parts of a window, 3 requests a window may hold, 4 seconds until
--          nothing of it matters any more
-- Returns  1 if it was counted, else 0; the requests of the window; the oldest part with any
local now = tonumber(ARGV[1])
local first = now - tonumber(ARGV[2])
local spent, oldest, gone = 0, now, {}
local fields = redis.call('HGETALL', KEYS[1])
for i = 1, #fields, 2 do
  local part = tonumber(fields[i])
  if part < first then
    gone[#gone + 1] = fields[i]
  else
    spent = spent + tonumber(fields[i + 1])
    oldest = math.min(oldest, part)
  end
end
if #gone > 0 then
  redis.call('HDEL', KEYS[1], unpack(gone))
end
if spent >= tonumber(ARGV[3]) then
  return {0, spent, oldest}
end
redis.call('HINCRBY', KEYS[1], ARGV[1], 1)
redis.call('EXPIRE', KEYS[1], ARGV[4])
return {1, spent + 1, oldest}
