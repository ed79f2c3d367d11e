#!lua flags=allow-oom
-- Takes tasks from workers whose lease lapsed, and reconciles a queue's books in both directions.
--
-- KEYS  one queue · ARGV  1 clock · 2 least time between reconciliations, ms
-- Returns {{reclaimed ids}, {dead workers}, leftovers removed, {requeued ids}}
local queue, interval = KEYS[1], tonumber(ARGV[2])
local reclaimed, deadWorkers, leftovers, requeued = {}, {}, 0, {}

local function reclaim(id, worker)
  local claim = claimOf(queue, id)
  unclaim(queue, id, claim, function(state)
    state.deaths = state.deaths + 1
    remember(state, string.format('lost %d %.0f %.0f %s', claim.attempt, claim.since, now, worker))
  end)
  reclaimed[#reclaimed + 1] = id
end

local swept = tonumber(call('GET', queue .. ':swept') or '0')
if now < swept then
  -- The server's clock was set back: leases given before end as much earlier, or a dead worker would seem to live on.
  for _, worker in ipairs(call('ZRANGEBYSCORE', queue .. ':workers', '(' .. swept, '+inf')) do
    call('ZINCRBY', queue .. ':workers', now - swept, worker)
  end
end

for _, worker in ipairs(call('ZRANGEBYSCORE', queue .. ':workers', '-inf', now)) do
  deadWorkers[#deadWorkers + 1] = worker
  for _, id in ipairs(heldBy(queue, worker)) do reclaim(id, worker) end
  call('DEL', queue .. ':cancels:' .. worker)
  call('ZREM', queue .. ':workers', worker)
end

-- Claims of workers that are not known; a portion at a time, by chance, so that over time all are looked at.
local function requeueUnowned()
  for _, id in ipairs(call('HRANDFIELD', queue .. ':claims', 1000)) do
    local claim = claimOf(queue, id)
    if claim and not call('ZSCORE', queue .. ':workers', claim.worker) and call('HEXISTS', queue .. ':tasks', id) == 1 then
      unclaim(queue, id, claim)
      requeued[#requeued + 1] = id
    end
  end
end

local function count(lanes)
  local places = call('ZCARD', queue .. ':scheduled') + call('HLEN', queue .. ':claims')
  for _, lane in ipairs(lanes) do places = places + call('LLEN', queue .. ':' .. lane) end
  return places
end

-- Places without a task are removed; gives all ids that stand somewhere.
local function removeLeftovers(lanes)
  local standing, tasks = {}, queue .. ':tasks'
  local function check(ids, remove)
    for _, id in ipairs(ids) do
      if standing[id] or call('HEXISTS', tasks, id) == 0 then
        leftovers = leftovers + remove(id)
      else
        standing[id] = true
      end
    end
  end
  check(call('HKEYS', queue .. ':claims'), function(id) return call('HDEL', queue .. ':claims', id) end)
  check(call('ZRANGE', queue .. ':scheduled', 0, -1), function(id) return call('ZREM', queue .. ':scheduled', id) end)
  for _, lane in ipairs(lanes) do
    local key = queue .. ':' .. lane
    check(call('LRANGE', key, 0, -1), function(id) return call('LREM', key, -1, id) end)
  end
  return standing
end

-- Beyond this many the books are compared when there are fewer: it would stop the server for too long.
local COMPARED_MAX = 100000

-- Few enough to be compared each time, in case as many places are missing as are left over.
local FEW = 1000

-- A live task stands in exactly one place, so a sound queue has as many places as tasks.
local function reconcile()
  requeueUnowned()
  local lanes = call('SMEMBERS', queue .. ':lanes')
  local places, tasks = count(lanes), call('HLEN', queue .. ':tasks')
  if places == tasks and tasks > FEW or places + tasks > COMPARED_MAX then return end
  local standing = removeLeftovers(lanes)
  for _, id in ipairs(call('HKEYS', queue .. ':tasks')) do
    if not standing[id] then
      makeReady(queue, id, stateOf(queue, id).deaths, true)
      requeued[#requeued + 1] = id
    end
  end
  for _, id in ipairs(call('HKEYS', queue .. ':state')) do
    if call('HEXISTS', queue .. ':tasks', id) == 0 then call('HDEL', queue .. ':state', id) end
  end
end

if now - swept >= interval or now < swept then
  call('SET', queue .. ':swept', string.format('%.0f', now))
  reconcile()
end
wake()
return { reclaimed, deadWorkers, leftovers, requeued }
