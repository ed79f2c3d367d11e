#!lua flags=allow-oom
-- Renews a worker's lease and notes how far its tasks are.
--
-- KEYS  queues where the worker has been before
-- ARGV  1 clock · 2 worker · 3 lease, ms · 4 how many service times follow · 5… each a queue and its seconds, then
--       progress: id and JSON, one after the other
-- Returns {'1' if the lease had lapsed, {id and fence to cancel…}}
local worker, lease = ARGV[2], tonumber(ARGV[3])
local hasLapsed, cancels = false, {}
local services, progress = {}, 5 + 2 * ARGV[4]
for i = 5, progress - 2, 2 do services[ARGV[i]] = ARGV[i + 1] end
for _, queue in ipairs(KEYS) do
  if call('ZADD', queue .. ':workers', now + lease, worker) == 1 then hasLapsed = true end
  for _, id in ipairs(call('SMEMBERS', queue .. ':cancels:' .. worker)) do
    local held = claimOf(queue, id)
    if held then cancels[#cancels + 1], cancels[#cancels + 2] = id, held.fence end
  end
  if services[queue] then call('HSET', queue .. ':totals', 'service', services[queue]) end
  for i = progress, #ARGV, 2 do
    local claim = call('HGET', queue .. ':claims', ARGV[i])
    local owner = char(#worker) .. worker
    if claim and sub(claim, 24, 24 + #worker) == owner then
      call('HSET', queue .. ':claims', ARGV[i], sub(claim, 1, 24 + #worker) .. string.rep(' ', 65) .. ARGV[i + 1])
      tell(queue, { ARGV[i] })
    end
  end
end
return { hasLapsed and 1 or 0, cancels }
