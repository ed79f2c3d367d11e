#!lua flags=allow-oom
-- Settles k deliveries, claims m more and renews the worker's lease.
--
-- KEYS  queues
-- ARGV  1 clock · 2 worker · 3 lease, ms · 4 for each queue a digit: 1 if the worker has been here before, plus 2 if
--       it may claim here · 5 how many to claim · 6 the tasks the worker knows, each between zero bytes · 7 its wake-up
--       channel or '' · 8 most dead letters · 9 this exchange's number · 10 numbers of exchanges whose answer never
--       came (4 bytes each) · 11 what finished and leaves nothing behind: runs of queue's number (1), fence (8), how
--       many (4), ids (16 each) · 12… other settlements, packed: queue's number (1), kind (1), fence (8), id (16), data:
--         S finished: retention (6), record · F failed: retention (6), length (4) of the failure, failure, record
--         R retry: delay (6), line of history · Z snooze: delay (6) · B hand back
-- Returns {now, next due or -1, '1' if the lease had lapsed, {lost ids}, {id and fence to cancel…},
--       {queue's number, ids in a row, {values}, {index and state of those delivered before…}}…}
-- Allowed when memory is full, since settling is what frees it.
local worker, lease, wanted = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[5])
local known, channel, lettersMax = ARGV[6], ARGV[7], tonumber(ARGV[8])
local trade, unheard = tonumber(ARGV[9]), ARGV[10]
local lost, hasLapsed, mayClaim = {}, false, {}

local function bury(queue, id, text)
  local value = call('HGET', queue .. ':tasks', id)
  if not value then return end
  local length = unpackBytes('>I4', text, 33)
  call('HSET', queue .. ':dead', id, sub(text, 33, 36 + length) .. value)
  call('ZADD', queue .. ':died', now, id)
  local surplus = call('ZCARD', queue .. ':died') - lettersMax
  if surplus <= 0 then return end
  local oldest = call('ZPOPMIN', queue .. ':died', surplus)
  for i = 1, #oldest, 2 do call('HDEL', queue .. ':dead', oldest[i]) end
end

-- Keeps the record and the dead letter.
local function keep(queue, id, text, kind)
  local start = 33
  if kind == 'F' then
    bury(queue, id, text)
    start = 37 + unpackBytes('>I4', text, 33)
  end
  local retention = unpackBytes('>I6', text, 27)
  if retention > 0 and #text >= start then
    call('SET', queue .. ':result:' .. id, sub(text, start), 'PX', retention)
  end
end

local function giveBack(queue, id, claim, text, kind)
  local state = stateOf(queue, id)
  state.deliveries = unpackBytes('>I8', claim)
  local delay = kind ~= 'B' and unpackBytes('>I6', text, 27) or 0
  if kind == 'R' then
    state.attempts = state.attempts + 1
    remember(state, sub(text, 33))
  end
  setState(queue, id, state)
  if kind == 'Z' or delay > 0 then
    call('ZADD', queue .. ':scheduled', now + delay, id)
    -- Whoever is idle learns when to look again; the exchange that settles may claim nothing and is told nothing.
    announce(queue, id)
  else
    makeReady(queue, id, state.deaths, kind == 'B')
  end
end

-- Tells those who wait for final tasks, and forgets the tasks; their claims are gone.
local function close(queue, final)
  if #final == 0 then return end
  tell(queue, final)
  if call('EXISTS', queue .. ':waiters') == 1 then apply('HDEL', queue .. ':waiters', final) end
  call('HINCRBY', queue .. ':totals', 'finished', #final)
  apply('HDEL', queue .. ':tasks', final)
  if call('EXISTS', queue .. ':state') == 1 then apply('HDEL', queue .. ':state', final) end
end

-- Which of these claims, values of the hash, are this worker's, by value: under which fence, and with a unique key or not.
-- What was claimed at once has one value, so that it is taken apart once for all.
local function holdings()
  local owner = char(#worker) .. worker
  return setmetatable({}, {
    __index = function(fences, claim)
      local isOurs = claim and sub(claim, 24, 24 + #worker) == owner
      local holding = isOurs and { fence = sub(claim, 1, 8), hasKey = byte(claim, 23) == 1 } or {}
      fences[claim] = holding
      return holding
    end
  })
end

-- Which of these ids the worker holds under a fence; the others are lost.
local function heldUnder(fence, queue, ids)
  local claims, held = hmget(queue .. ':claims', ids), holdings()
  -- As a rule it is all of them, and none has a key; what was claimed together stands together.
  local last, isUsual = nil, true
  for i = 1, #ids do
    local claim = claims[i]
    if claim ~= last then
      last, isUsual = claim, held[claim].fence == fence and not held[claim].hasKey
      if not isUsual then break end
    end
  end
  if isUsual then return ids end
  local settled = {}
  for i, id in ipairs(ids) do
    local holding = held[claims[i]]
    if holding.fence ~= fence then
      lost[#lost + 1] = id
    else
      settled[#settled + 1] = id
      if holding.hasKey then releaseKey(queue, id, call('HGET', queue .. ':tasks', id) or '') end
    end
  end
  return settled
end

-- Each once; those told again are lost.
local function distinct(ids)
  local once, done = {}, {}
  for _, id in ipairs(ids) do
    local list = done[id] and lost or once
    list[#list + 1], done[id] = id, true
  end
  return once
end

-- What finished under one fence and leaves nothing behind: most of what there is.
local function settleRun(queue, fence, ids)
  local settled = heldUnder(fence, queue, ids)
  if apply('HDEL', queue .. ':claims', settled) < #settled then settled = distinct(settled) end
  if call('EXISTS', queue .. ':cancels:' .. worker) == 1 then apply('SREM', queue .. ':cancels:' .. worker, settled) end
  close(queue, settled)
end

local function settle(queue, settlements)
  local ids = {}
  for i = 1, #settlements do ids[i] = sub(settlements[i], 11, 26) end
  local claims, held = hmget(queue .. ':claims', ids), holdings()
  local settled, final, done, handedBack = {}, {}, {}, {}
  for i = 1, #ids do
    local text, id, holding = settlements[i], ids[i], held[claims[i]]
    if holding.fence ~= sub(text, 3, 10) or done[id] then
      lost[#lost + 1] = id
    else
      local kind = sub(text, 2, 2)
      done[id] = true
      settled[#settled + 1] = id
      if kind == 'S' or kind == 'F' then
        final[#final + 1] = id
        keep(queue, id, text, kind)
        if holding.hasKey then releaseKey(queue, id, call('HGET', queue .. ':tasks', id) or '') end
      else
        handedBack[#handedBack + 1] = { id, claims[i], text, kind }
      end
    end
  end
  -- The newest first, so that each comes to stand before those that came after it.
  table.sort(handedBack, function(left, right) return left[1] > right[1] end)
  for _, back in ipairs(handedBack) do giveBack(queue, unpack(back)) end
  apply('HDEL', queue .. ':claims', settled)
  if call('EXISTS', queue .. ':cancels:' .. worker) == 1 then apply('SREM', queue .. ':cancels:' .. worker, settled) end
  local returned = {}
  for i, back in ipairs(handedBack) do returned[i] = back[1] end
  tell(queue, returned)
  close(queue, final)
end

local function nextDue()
  local earliest = -1
  for number, queue in ipairs(KEYS) do
    -- What is due in a paused queue would otherwise have the worker ask again and again.
    local isOpen = mayClaim[number] and call('EXISTS', queue .. ':paused') == 0
    local first = isOpen and call('ZRANGE', queue .. ':scheduled', 0, 0, 'WITHSCORES')[2]
    if first and (earliest < 0 or tonumber(first) < earliest) then earliest = tonumber(first) end
  end
  return earliest
end

-- A worker that got less than it wanted is told of what comes next; one that has enough is left alone.
local function noteIdleness(isIdle)
  local knowledge = redis.sha1hex(known)
  for number, queue in ipairs(KEYS) do
    if isIdle and mayClaim[number] then
      call('HSET', queue .. ':knowledge', knowledge, known)
      call('ZADD', queue .. ':idle:' .. knowledge, now, channel)
    else
      call('ZREM', queue .. ':idle:' .. knowledge, channel)
    end
  end
end

-- Takes tasks out of lanes until there are enough or no more; those that are gone leave room for others.
local function fill(lanes, count, groups)
  local total = 0
  while total < count do
    local taken, found = take(lanes, count - total)
    if found == 0 then break end
    for number, candidates in pairs(taken) do
      local ids, values, states = deliver(KEYS[number], worker, trade, candidates)
      total = total + #ids
      groups[#groups + 1] = { number, table.concat(ids), values, states }
    end
  end
  return total
end

local function claim()
  local groups, total = {}, 0
  local ready, suspect = openLanes(KEYS, mayClaim, known)
  if #suspect > 0 and not holdsSuspect(KEYS, worker) then total = fill(suspect, 1, groups) end
  total = total + fill(ready, wanted - total, groups)
  if channel ~= '' then noteIdleness(total < wanted) end
  return groups
end

-- The worker never heard of what it claimed in these exchanges: others may have it.
local function handBackUnheard(queue)
  for _, id in ipairs(heldBy(queue, worker)) do
    local held = claimOf(queue, id)
    for i = 1, #unheard, 4 do
      if held.trade == unpackBytes('>I4', unheard, i) then
        unclaim(queue, id, held)
        break
      end
    end
  end
end

local cancels = {}
for number, queue in ipairs(KEYS) do
  local flags = tonumber(sub(ARGV[4], number, number)) or 0
  mayClaim[number] = flags >= 2
  local isNew = call('ZADD', queue .. ':workers', now + lease, worker) == 1
  hasLapsed = hasLapsed or (isNew and flags % 2 == 1)
  if unheard ~= '' then handBackUnheard(queue) end
  for _, id in ipairs(call('SMEMBERS', queue .. ':cancels:' .. worker)) do
    local held = claimOf(queue, id)
    if held then cancels[#cancels + 1], cancels[#cancels + 2] = id, held.fence end
  end
end

local runs, place = ARGV[11], 1
while place <= #runs do
  local number, fence, count = unpackBytes('>Bc8I4', runs, place)
  place = place + 13
  for left = count, 1, -PORTION do
    local size = math.min(left, PORTION)
    local ids = { unpackBytes(string.rep('c16', size), runs, place) }
    ids[size + 1] = nil
    settleRun(KEYS[number], fence, ids)
    place = place + 16 * size
  end
end
local byQueue = {}
for i = 12, #ARGV do
  local number = byte(ARGV[i], 1)
  local list = byQueue[number] or {}
  byQueue[number] = list
  list[#list + 1] = ARGV[i]
end
for number, settlements in pairs(byQueue) do settle(KEYS[number], settlements) end

local reply = { now, -1, hasLapsed and 1 or 0, lost, cancels }
if wanted > 0 then
  for _, group in ipairs(claim()) do reply[#reply + 1] = group end
  reply[2] = nextDue()
end
wake()
return reply
