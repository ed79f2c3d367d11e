#!lua flags=no-writes
-- A portion of a queue's final records.
--
-- KEYS  one queue · ARGV  1 clock · 2 cursor, '0' at the start · 3 the pattern of their keys
-- Returns {next cursor, '0' at the end, {records}}
local page = call('SCAN', ARGV[2], 'MATCH', ARGV[3], 'COUNT', 1000)
local records = {}
for _, key in ipairs(page[2]) do
  local record = call('GET', key)
  if record then records[#records + 1] = record end
end
return { page[1], records }
