#!lua flags=allow-oom
-- Asks for tasks to be stopped; those that wait are claimed for the caller.
--
-- KEYS  queues · ARGV  1 clock · 2 worker who asks · 3 its lease, ms · 4… ids
-- Returns {now, for each id found {id's number, queue's number, 'requested'} or {…, 'claimed', value, state}}
local worker, lease, answers = ARGV[2], tonumber(ARGV[3]), {}

local function leaveWaiting(queue, id, value, state)
  if call('ZREM', queue .. ':scheduled', id) == 1 then return true end
  return call('LREM', queue .. ':' .. laneOf(value, state.deaths), 1, id) == 1
end

for number, queue in ipairs(KEYS) do
  for i = 4, #ARGV do
    local id = ARGV[i]
    local value = call('HGET', queue .. ':tasks', id)
    if value then
      local state = stateOf(queue, id)
      state.cancelled = 1
      setState(queue, id, state)
      if leaveWaiting(queue, id, value, state) then
        call('ZADD', queue .. ':workers', now + lease, worker)
        -- It never began and never will, so whoever asks for the same again shall have it.
        local key = state.deliveries == 0 and heldKey(queue, id, value)
        if key then call('DEL', key) end
        local _, values, states = deliver(queue, worker, 0, { id })
        answers[#answers + 1] = { i - 3, number, 'claimed', values[1], states[2] or false }
      else
        local claim = claimOf(queue, id)
        if claim then call('SADD', queue .. ':cancels:' .. claim.worker, id) end
        answers[#answers + 1] = { i - 3, number, 'requested' }
      end
    end
  end
end
return { now, answers }
