#!lua flags=no-writes
-- The ids of a queue's live tasks, newest first.
--
-- KEYS  one queue · ARGV  1 clock · 2 'waiting', 'claimed' or 'all' · 3 only ids before this one, or '' · 4 how many
--       5 only this task, or ''
-- Of those that wait for their time, only the next 10,000 due are looked at; of a lane, the last 100,000.
local queue, place, before, limit, only = KEYS[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5]
local ids = {}

local function add(list)
  for _, id in ipairs(list) do
    if before == '' or id < before then ids[#ids + 1] = id end
  end
end

-- The newest stand last; a lane is read from there until there are enough.
local PAGE, PAGES_MAX = 1000, 100

local function addNewest(lane)
  local found = #ids + limit
  for page = 1, PAGES_MAX do
    local list = call('LRANGE', lane, -page * PAGE, -(page - 1) * PAGE - 1)
    add(list)
    if #list < PAGE or #ids >= found then break end
  end
end

if place ~= 'claimed' then
  for _, lane in ipairs(call('SMEMBERS', queue .. ':lanes')) do
    if only == '' or string.match(lane, '^%l+:%d:(.*)$') == only then addNewest(queue .. ':' .. lane) end
  end
  add(call('ZRANGE', queue .. ':scheduled', 0, 9999))
end
if place ~= 'waiting' then add(call('HKEYS', queue .. ':claims')) end
table.sort(ids, function(left, right) return left > right end)
local newest = {}
for i = 1, math.min(limit, #ids) do newest[i] = ids[i] end
return newest
