#!lua flags=allow-oom
-- Hands back whatever a leaving worker holds, attempts refunded, and forgets the worker.
--
-- KEYS  queues · ARGV  1 clock · 2 worker · 3 its wake-up channel or '' · 4 the tasks it knew
-- Returns how many were handed back
local worker, count = ARGV[2], 0
for _, queue in ipairs(KEYS) do
  for _, id in ipairs(heldBy(queue, worker)) do
    unclaim(queue, id, claimOf(queue, id))
    count = count + 1
  end
  call('DEL', queue .. ':cancels:' .. worker)
  call('ZREM', queue .. ':workers', worker)
  call('ZREM', queue .. ':idle:' .. redis.sha1hex(ARGV[4]), ARGV[3])
end
wake()
return count
