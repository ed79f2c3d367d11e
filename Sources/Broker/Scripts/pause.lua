#!lua flags=allow-oom
-- Makes claims pass a queue over, or no longer.
--
-- KEYS  one queue · ARGV  1 clock · 2 '1' to pause, '0' to resume
local queue = KEYS[1]
if ARGV[2] == '1' then
  call('SET', queue .. ':paused', string.format('%.0f', now))
else
  call('DEL', queue .. ':paused')
  for _, lane in ipairs(call('SMEMBERS', queue .. ':lanes')) do
    arrived(queue, string.match(lane, '^%l+:%d:(.*)$'), call('LLEN', queue .. ':' .. lane))
  end
  -- What fell due meanwhile stands in no lane yet.
  local first = call('ZRANGE', queue .. ':scheduled', 0, 0)[1]
  if first then announce(queue, first) end
  wake()
end
return 1
