#!lua flags=allow-oom
-- Forgets a portion of a queue's waiting tasks; called again until none is left, so that nobody waits for long.
--
-- KEYS  one queue · ARGV  1 clock · 2 how many at most
-- Returns how many were forgotten
local queue, limit, count = KEYS[1], tonumber(ARGV[2]), 0

local function forget(popped)
  for i = 1, #popped, 2 do
    local id = popped[i]
    releaseKey(queue, id, call('HGET', queue .. ':tasks', id) or '')
    call('HDEL', queue .. ':state', id)
    count = count + call('HDEL', queue .. ':tasks', id)
  end
end

for _, lane in ipairs(call('SMEMBERS', queue .. ':lanes')) do
  while count < limit do
    local popped = call('ZPOPMIN', queue .. ':' .. lane, limit - count)
    if #popped == 0 then break end
    forget(popped)
  end
end
while count < limit do
  local popped = call('ZPOPMIN', queue .. ':scheduled', limit - count)
  if #popped == 0 then break end
  forget(popped)
end
return count
