#!lua
-- Writes final records; a task that has one keeps it.
--
-- KEYS  queues · ARGV  1 clock · 2… queue's number, id, retention in ms and record, one after the other
-- Returns for each record 1 if it was written
local written = {}
for i = 2, #ARGV, 4 do
  local queue, id, retention = KEYS[tonumber(ARGV[i])], ARGV[i + 1], ARGV[i + 2]
  local isNew = call('SET', queue .. ':result:' .. id, ARGV[i + 3], 'PX', retention, 'NX')
  written[#written + 1] = isNew and 1 or 0
  local waiting = isNew and call('HGET', queue .. ':waiters', id)
  if waiting then
    for waiter in string.gmatch(waiting, '%S+') do call('PUBLISH', waiter, id) end
    call('HDEL', queue .. ':waiters', id)
  end
end
return written
