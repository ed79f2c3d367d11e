#!lua flags=no-writes
-- The ids of a queue's live tasks, newest first.
--
-- KEYS  one queue · ARGV  1 clock · 2 'waiting', 'claimed' or 'all' · 3 only ids before this one, or '' · 4 how many
--       5 only this task, or ''
-- Of those that wait for their time, only the next 10,000 due are looked at.
local queue, place, before, limit, only = KEYS[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5]
local ids = {}

local function add(list)
  for _, id in ipairs(list) do
    if before == '' or id < before then ids[#ids + 1] = id end
  end
end

-- Among equals a lane is sorted by id: a binary search finds where `before` would stand.
local function addNewest(lane, rank)
  local first = call('ZCOUNT', lane, '-inf', '(' .. rank)
  local low, high = first, first + call('ZCOUNT', lane, rank, rank)
  while before ~= '' and low < high do
    local middle = math.floor((low + high) / 2)
    local id = call('ZRANGE', lane, middle, middle)[1]
    if id and id < before then low = middle + 1 else high = middle end
  end
  local last = high - 1
  if last >= first then add(call('ZRANGE', lane, math.max(first, last - limit + 1), last)) end
end

if place ~= 'claimed' then
  for _, lane in ipairs(call('SMEMBERS', queue .. ':lanes')) do
    if only == '' or string.match(lane, '^%l+:(.*)$') == only then
      for rank = 0, 9 do addNewest(queue .. ':' .. lane, rank) end
    end
  end
  add(call('ZRANGE', queue .. ':scheduled', 0, 9999))
end
if place ~= 'waiting' then add(call('HKEYS', queue .. ':claims')) end
table.sort(ids, function(left, right) return left > right end)
local newest = {}
for i = 1, math.min(limit, #ids) do newest[i] = ids[i] end
return newest
