#!lua
-- Counts one request of a caller by the generic cell rate algorithm (ITU-T I.371, annex A).
--
-- KEYS  the caller's · ARGV  1 interval between requests, us · 2 how much of it may be borrowed, us
-- Returns 0 if the request is allowed, else the microseconds until one is
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local arrival = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now)
local interval, tolerance = tonumber(ARGV[1]), tonumber(ARGV[2])
if arrival - now > tolerance then return arrival - now - tolerance end
local length = math.max(1, math.ceil((arrival + interval - now) / 1000))
redis.call('SET', KEYS[1], string.format('%.0f', arrival + interval), 'PX', length)
return 0
