#!lua flags=no-writes
-- What queues hold, and who works on them.
--
-- KEYS  queues · ARGV  1 clock
-- Returns {now, {ready, scheduled, processing, '1' if paused, accepted time of the oldest ready task or -1,
--       ever accepted, ever finished, mean service time in seconds or ''}…,
--       then for each queue {worker, end of lease, how many it holds…}}
local reply = { now }

-- When the first of a lane was accepted, -1 if there is none.
local function oldest(queue, lane)
  local id = call('LINDEX', queue .. ':' .. lane, 0)
  local value = id and call('HGET', queue .. ':tasks', id)
  return value and #value >= 6 and unpackBytes('>I6', value) or -1
end

-- How many tasks each worker holds.
local function holdings(queue)
  local counts = {}
  for _, claim in ipairs(call('HVALS', queue .. ':claims')) do
    local worker = sub(claim, 25, 24 + (byte(claim, 24) or 0))
    counts[worker] = (counts[worker] or 0) + 1
  end
  return counts
end

for _, queue in ipairs(KEYS) do
  local ready, accepted = 0, -1
  for _, lane in ipairs(call('SMEMBERS', queue .. ':lanes')) do
    ready = ready + call('LLEN', queue .. ':' .. lane)
    local time = oldest(queue, lane)
    if time >= 0 and (accepted < 0 or time < accepted) then accepted = time end
  end
  reply[#reply + 1] = {
    ready, call('ZCARD', queue .. ':scheduled'), call('HLEN', queue .. ':claims'),
    call('EXISTS', queue .. ':paused'), accepted, tonumber(call('HGET', queue .. ':totals', 'accepted') or 0),
    tonumber(call('HGET', queue .. ':totals', 'finished') or 0), call('HGET', queue .. ':totals', 'service') or ''
  }
end
for _, queue in ipairs(KEYS) do
  local workers = call('ZRANGE', queue .. ':workers', 0, -1, 'WITHSCORES')
  local list, counts = {}, holdings(queue)
  for i = 1, #workers, 2 do
    list[#list + 1], list[#list + 2] = workers[i], tonumber(workers[i + 1])
    list[#list + 1] = counts[workers[i]] or 0
  end
  reply[#reply + 1] = list
end
return reply
