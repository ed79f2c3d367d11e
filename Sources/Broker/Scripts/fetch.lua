#!lua flags=no-writes
-- What is known of live tasks.
--
-- KEYS  queues · ARGV  1 clock · 2… ids
-- Returns for each id found {id's number, queue's number, header, state or '', claim or '', due or -1}
local found = {}
for number, queue in ipairs(KEYS) do
  for i = 2, #ARGV do
    local value = call('HGET', queue .. ':tasks', ARGV[i])
    if value then
      local _, task, unique = header(value)
      found[#found + 1] = {
        i - 1, number, sub(value, 1, 16 + #task + #unique), call('HGET', queue .. ':state', ARGV[i]) or '',
        call('HGET', queue .. ':claims', ARGV[i]) or '', tonumber(call('ZSCORE', queue .. ':scheduled', ARGV[i]) or -1)
      }
    end
  end
end
return found
