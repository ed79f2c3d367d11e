#!lua flags=allow-oom
-- Takes tasks from workers whose lease lapsed, and compares a portion of a queue's books in both directions.
--
-- KEYS  one queue · ARGV  1 clock · 2 least time between comparisons, ms · 3 how many entries of each book to compare
-- Returns {{reclaimed ids}, {dead workers}, leftovers removed, {requeued ids}}
local queue, interval, portion = KEYS[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local reclaimed, deadWorkers, leftovers, requeued = {}, {}, 0, {}

local function reclaim(id, worker)
  local claim = claimOf(queue, id)
  if not claim or claim.worker ~= worker then return end
  local state = unclaim(queue, id, claim)
  state.deaths = state.deaths + 1
  remember(state, string.format('lost %d %.0f %.0f %s', claim.attempt, claim.since, now, worker))
  setState(queue, id, state)
  makeReady(queue, id, state.deaths)
  reclaimed[#reclaimed + 1] = id
end

for _, worker in ipairs(call('ZRANGEBYSCORE', queue .. ':workers', '-inf', now)) do
  deadWorkers[#deadWorkers + 1] = worker
  local held = call('SMEMBERS', queue .. ':held:' .. worker)
  table.sort(held)
  for _, id in ipairs(held) do reclaim(id, worker) end
  call('DEL', queue .. ':held:' .. worker, queue .. ':cancels:' .. worker)
  call('ZREM', queue .. ':workers', worker)
end

-- A random portion of a large book, the whole of a small one: over time all of it, and no cursor to keep.
local function sample(kind, key)
  if kind == 'hash' then return call('HRANDFIELD', key, portion) end
  return call('ZRANDMEMBER', key, portion)
end

local function isSomewhere(id, lanes)
  local claim = claimOf(queue, id)
  if claim then return call('ZSCORE', queue .. ':workers', claim.worker) and true, claim end
  if call('ZSCORE', queue .. ':scheduled', id) then return true end
  for _, lane in ipairs(lanes) do
    if call('ZSCORE', queue .. ':' .. lane, id) then return true end
  end
  return false
end

local function compare()
  local lanes = call('SMEMBERS', queue .. ':lanes')
  local places = { { 'zset', ':scheduled', 'ZREM' }, { 'hash', ':claims', 'HDEL' }, { 'hash', ':state', 'HDEL' } }
  for _, lane in ipairs(lanes) do places[#places + 1] = { 'zset', ':' .. lane, 'ZREM' } end
  for _, place in ipairs(places) do
    for _, id in ipairs(sample(place[1], queue .. place[2])) do
      if call('HEXISTS', queue .. ':tasks', id) == 0 then
        leftovers = leftovers + call(place[3], queue .. place[2], id)
      end
    end
  end
  for _, id in ipairs(sample('hash', queue .. ':tasks')) do
    local isKept, claim = isSomewhere(id, lanes)
    if not isKept then
      local state = stateOf(queue, id)
      if claim then
        state = unclaim(queue, id, claim)
        setState(queue, id, state)
      end
      makeReady(queue, id, state.deaths)
      requeued[#requeued + 1] = id
    end
  end
end

local swept = tonumber(call('GET', queue .. ':swept') or '0')
if now - swept >= interval or now < swept then
  call('SET', queue .. ':swept', string.format('%.0f', now))
  compare()
end
wake()
return { reclaimed, deadWorkers, leftovers, requeued }
