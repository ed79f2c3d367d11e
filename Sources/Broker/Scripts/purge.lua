#!lua flags=allow-oom
-- Forgets a portion of a queue's waiting tasks; called again until none is left, so that nobody waits for long.
--
-- KEYS  one queue · ARGV  1 clock · 2 how many at most
-- Returns how many were forgotten
local queue, limit, count = KEYS[1], tonumber(ARGV[2]), 0

local function forget(ids)
  for _, id in ipairs(ids) do
    releaseKey(queue, id, call('HGET', queue .. ':tasks', id) or '')
    call('HDEL', queue .. ':state', id)
    count = count + call('HDEL', queue .. ':tasks', id)
  end
end

for _, lane in ipairs(call('SMEMBERS', queue .. ':lanes')) do
  while count < limit do
    local ids = call('LPOP', queue .. ':' .. lane, limit - count)
    if not ids then break end
    forget(ids)
  end
end
while count < limit do
  local ids = call('ZRANGE', queue .. ':scheduled', 0, limit - count - 1)
  if #ids == 0 then break end
  apply('ZREM', queue .. ':scheduled', ids)
  forget(ids)
end
return count
