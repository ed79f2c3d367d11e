#!lua flags=allow-oom
-- Removes dead letters.
--
-- KEYS  queues · ARGV  1 clock · 2… ids
for _, queue in ipairs(KEYS) do
  for i = 2, #ARGV do
    call('HDEL', queue .. ':dead', ARGV[i])
    call('ZREM', queue .. ':died', ARGV[i])
  end
end
return 1
