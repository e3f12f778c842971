"""The scripts that Redis runs, each at once and undivided. Each may be sent again: it does nothing twice.

Times are those of Redis, in milliseconds, so that clocks of replicas do not matter.
"""

NOW = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
"""
HOLD = (
    NOW
    + """
local memory = table.remove(KEYS, 1)
redis.call('SET', memory, now, 'NX')
local since = redis.call('GET', memory)
for _, key in ipairs(KEYS) do
  local held = redis.call('GET', key)
  if held and held ~= ARGV[1] then return {0, since, now - since} end
end
for _, key in ipairs(KEYS) do redis.call('SET', key, ARGV[1], 'PX', ARGV[2]) end
return {1, since, now - since}
"""
)
"""ARGV: token, milliseconds. Holds all keys but the first, or none.

It answers 1 where they are held; and since when Redis has kept everything, which the first key says, as a
name and as an age.
"""
KEEP = """
for _, key in ipairs(KEYS) do
  if redis.call('GET', key) ~= ARGV[1] then return 0 end
end
for place = 1, tonumber(ARGV[3]) do redis.call('PEXPIRE', KEYS[place], ARGV[2]) end
return 1
"""
"""ARGV: token, milliseconds, count. The first `count` keys last so long; 0 where one is not held."""
RELEASE = """
for _, key in ipairs(KEYS) do
  if redis.call('GET', key) == ARGV[1] then redis.call('DEL', key) end
end
"""
"""ARGV: token."""
USE = """
for _, key in ipairs(KEYS) do
  local used = redis.call('GET', key)
  if used and used ~= ARGV[1] then return 0 end
end
for _, key in ipairs(KEYS) do redis.call('SET', key, ARGV[1], 'PX', ARGV[2]) end
return 1
"""
"""ARGV: token, milliseconds. 0 where a key was used with another token."""
NOTE = """
for _, key in ipairs(KEYS) do redis.call('SET', key, ARGV[1], 'PX', ARGV[2]) end
"""
"""ARGV: text, milliseconds."""
NOTED = """
local text, left = false, 0
for _, key in ipairs(KEYS) do
  local ms = redis.call('PTTL', key)
  if ms > left then text, left = redis.call('GET', key), ms end
end
return {text, left}
"""
TAKE = (
    NOW
    + """
local most, left = 0, -1
for _, key in ipairs(KEYS) do
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now - ARGV[3])
  local count = redis.call('ZCARD', key)
  if redis.call('ZSCORE', key, ARGV[1]) then count = -1 end
  if count > most then
    most = count
    left = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')[2] + ARGV[3] - now
  end
end
if ARGV[1] == '' or most >= tonumber(ARGV[2]) then return {most, left} end
for _, key in ipairs(KEYS) do
  redis.call('ZADD', key, 'NX', now, ARGV[1])
  redis.call('PEXPIRE', key, ARGV[3])
end
return false
"""
)
"""ARGV: entry or nothing, most entries, window in milliseconds. How many there are, and when one leaves."""
RESERVE = (
    NOW
    + """
local paid = now
for _, key in ipairs(KEYS) do paid = math.max(paid, tonumber(redis.call('GET', key) or 0)) end
local wait = math.max(0, paid - now - ARGV[2])
local next = paid + ARGV[1]
for _, key in ipairs(KEYS) do redis.call('SET', key, next, 'PX', math.ceil(next - now)) end
return math.ceil(wait)
"""
)
"""ARGV: interval and burst in milliseconds. The milliseconds to wait."""
ALL = (HOLD, KEEP, RELEASE, USE, NOTE, NOTED, TAKE, RESERVE)
