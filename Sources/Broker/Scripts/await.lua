#!lua flags=allow-oom
-- Notes that a channel wants to be told when tasks move.
--
-- KEYS  queues · ARGV  1 clock · 2 channel · 3 for how long at most, ms · 4… ids
for _, queue in ipairs(KEYS) do
  for i = 4, #ARGV do
    local id = ARGV[i]
    if call('HEXISTS', queue .. ':tasks', id) == 1 then
      local channels = call('HGET', queue .. ':waiters', id) or ''
      if not string.find(' ' .. channels .. ' ', ' ' .. ARGV[2] .. ' ', 1, true) then
        call('HSET', queue .. ':waiters', id, channels .. ' ' .. ARGV[2])
      end
      call('PEXPIRE', queue .. ':waiters', ARGV[3])
    end
  end
end
return 1
