#!lua flags=allow-oom
-- Keeps what a worker says of itself, and gives it the orders that were left for it.
--
-- KEYS  1 its report · 2 its orders, a list
-- ARGV  1 the report, '' to leave what is there · 2 how long it is kept, ms
-- Returns the orders, the oldest first; they are given once
if ARGV[1] ~= '' then redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) end
local orders = redis.call('LRANGE', KEYS[2], 0, -1)
if #orders > 0 then redis.call('DEL', KEYS[2]) end
return orders
