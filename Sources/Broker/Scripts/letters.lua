#!lua flags=no-writes
-- Dead letters of a queue, newest first: those of the given ids, or any.
--
-- KEYS  one queue · ARGV  1 clock · 2 how many at most · 3… ids
-- Returns {id, time, letter}…
local queue, limit, found = KEYS[1], tonumber(ARGV[2]), {}
local ids = {}
for i = 3, #ARGV do ids[#ids + 1] = ARGV[i] end
if #ids == 0 then ids = call('ZREVRANGE', queue .. ':died', 0, limit - 1) end
for _, id in ipairs(ids) do
  local letter = #found < limit and call('HGET', queue .. ':dead', id)
  if letter then found[#found + 1] = { id, tonumber(call('ZSCORE', queue .. ':died', id) or 0), letter } end
end
return found
