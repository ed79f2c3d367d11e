#!lua flags=no-writes
-- What queues hold, and who works on them.
--
-- KEYS  queues · ARGV  1 clock
-- Returns {now, {ready, scheduled, processing, '1' if paused, accepted time of the oldest ready task or -1}…,
--       then for each queue {worker, end of lease, how many it holds…}}
local reply = { now }

local function oldest(queue, lane)
  local time = -1
  for rank = 0, 9 do
    local id = call('ZRANGEBYSCORE', queue .. ':' .. lane, rank, rank, 'LIMIT', 0, 1)[1]
    local value = id and call('HGET', queue .. ':tasks', id)
    if value and #value >= 6 then
      local accepted = unpackBytes('>I6', value)
      if time < 0 or accepted < time then time = accepted end
    end
  end
  return time
end

for _, queue in ipairs(KEYS) do
  local ready, accepted = 0, -1
  for _, lane in ipairs(call('SMEMBERS', queue .. ':lanes')) do
    ready = ready + call('ZCARD', queue .. ':' .. lane)
    local time = oldest(queue, lane)
    if time >= 0 and (accepted < 0 or time < accepted) then accepted = time end
  end
  reply[#reply + 1] = {
    ready, call('ZCARD', queue .. ':scheduled'), call('HLEN', queue .. ':claims'),
    call('EXISTS', queue .. ':paused'), accepted
  }
end
for _, queue in ipairs(KEYS) do
  local workers = call('ZRANGE', queue .. ':workers', 0, -1, 'WITHSCORES')
  local list = {}
  for i = 1, #workers, 2 do
    list[#list + 1], list[#list + 2] = workers[i], tonumber(workers[i + 1])
    list[#list + 1] = call('SCARD', queue .. ':held:' .. workers[i])
  end
  reply[#reply + 1] = list
end
return reply
