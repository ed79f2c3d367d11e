#!lua flags=allow-oom
-- Hands back what a worker is said to hold and knows nothing of: the server has forgotten that it was settled.
--
-- KEYS  queues · ARGV  1 clock · 2 worker · 3 number of the last exchange it has heard of · 4… ids it knows of
-- Returns how many were handed back
local worker, heard, known, count = ARGV[2], tonumber(ARGV[3]), {}, 0
for i = 4, #ARGV do known[ARGV[i]] = true end
for _, queue in ipairs(KEYS) do
  for _, id in ipairs(heldBy(queue, worker)) do
    local claim = claimOf(queue, id)
    -- What was claimed since may be on its way to the worker.
    if not known[id] and claim.trade <= heard then
      unclaim(queue, id, claim)
      count = count + 1
    end
  end
end
wake()
return count
