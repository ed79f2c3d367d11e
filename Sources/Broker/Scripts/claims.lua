-- How tasks are claimed and given back. Loaded after books.lua where it is needed.

-- Moves what fell due into its lane.
local function promote(queue)
  local due = call('ZRANGEBYSCORE', queue .. ':scheduled', '-inf', now, 'LIMIT', 0, 1000)
  for _, id in ipairs(due) do makeReady(queue, id, stateOf(queue, id).deaths) end
  apply('ZREM', queue .. ':scheduled', due)
end

-- Whether a worker holds a task that may be what kills workers.
local function holdsSuspect(queues, worker)
  for _, queue in ipairs(queues) do
    local held = heldBy(queue, worker)
    for _, state in ipairs(#held > 0 and hmget(queue .. ':state', held) or {}) do
      if state and (tonumber(string.match(state, '^%d+ %d+ (%d+)')) or 0) >= 2 then return true end
    end
  end
  return false
end

-- The lanes that a claim may take from, most urgent first: those of ordinary tasks, and those of suspects.
local function openLanes(queues, mayClaim, known)
  local ready, suspect = {}, {}
  for number, queue in ipairs(queues) do
    if mayClaim[number] and call('EXISTS', queue .. ':paused') == 0 then
      promote(queue)
      for _, name in ipairs(call('SMEMBERS', queue .. ':lanes')) do
        local kind, rank, task = string.match(name, '^(%l+):(%d):(.*)$')
        if task and string.find(known, '\0' .. task .. '\0', 1, true) then
          local list = kind == 'suspect' and suspect or ready
          list[#list + 1] = { name = name, key = queue .. ':' .. name, rank = rank, number = number, queue = queue }
        end
      end
    end
  end
  local function precedes(left, right) return left.rank < right.rank end
  table.sort(ready, precedes)
  table.sort(suspect, precedes)
  return ready, suspect
end

-- Takes the first ids out of a lane; one found empty leaves the set of lanes.
local function pop(lane, count, taken)
  local ids = call('LPOP', lane.key, count)
  if not ids then
    call('SREM', lane.queue .. ':lanes', lane.name)
    return 0
  end
  local all = taken[lane.number]
  if not all then
    taken[lane.number] = ids
  else
    for i = 1, #ids do all[#all + 1] = ids[i] end
  end
  return #ids
end

-- Takes the oldest of several lanes that are equally urgent.
local function merge(lanes, count, taken)
  for _, lane in ipairs(lanes) do
    lane.next, lane.taken = call('LRANGE', lane.key, 0, count - 1), 0
  end
  local total = 0
  while total < count do
    local best
    for _, lane in ipairs(lanes) do
      local id = lane.next[lane.taken + 1]
      if id and (not best or id < best.next[best.taken + 1]) then best = lane end
    end
    if not best then break end
    best.taken, total = best.taken + 1, total + 1
  end
  for _, lane in ipairs(lanes) do
    if lane.taken > 0 or not lane.next[1] then pop(lane, math.max(lane.taken, 1), taken) end
  end
  return total
end

-- Takes the next ids out of lanes sorted by urgency: number of the queue -> ids, and how many.
local function take(lanes, count)
  local taken, total, first = {}, 0, 1
  while first <= #lanes and total < count do
    local last = first
    while lanes[last + 1] and lanes[last + 1].rank == lanes[first].rank do last = last + 1 end
    if first == last then
      total = total + pop(lanes[first], count - total, taken)
    else
      total = total + merge({ unpack(lanes, first, last) }, count - total, taken)
    end
    first = last + 1
  end
  return taken, total
end

local FIRST = pack('>I8I4', 1, 1)

-- Blanks before the progress of a hash's first claim. With a value over 64 bytes a hash is a hash table from then on; as
-- a list, which small ones otherwise are, it is searched from end to end (20 % of the server's time with 100 claims).
local PADDING = string.rep(' ', 65)

-- Those ids that have a value, and the values.
local function present(ids, values)
  local found, kept = {}, {}
  for i = 1, #ids do
    if not values[i] then
      for place, id in ipairs(ids) do
        if values[place] then found[#found + 1], kept[#kept + 1] = id, values[place] end
      end
      return found, kept
    end
  end
  return ids, values
end

-- Makes a worker the holder of tasks that are in no place now; passes over those that are gone.
-- Returns their ids, their values, and index and state of each that was delivered before.
local function deliver(queue, worker, trade, candidates)
  local ids, values = present(candidates, hmget(queue .. ':tasks', candidates))
  local claims, states = {}, {}
  if #ids == 0 then return ids, values, states end
  local known = call('EXISTS', queue .. ':state') == 1 and hmget(queue .. ':state', ids)
  local owner = char(#worker) .. worker
  local usual = FIRST .. pack('>I6I4B', now, trade, 0) .. owner
  for i = 1, #ids do
    local claim, state, high, low = usual, known and known[i], byte(values[i], 15, 16)
    local hasKey = (high or 0) + (low or 0) > 0
    if state or hasKey then
      local attempts, deliveries = string.match(state or '', '^(%d+) (%d+) %d+ %d+')
      claim = pack('>I8I4I6I4B', (deliveries or 0) + 1, (attempts or 0) + 1, now, trade, hasKey and 1 or 0) .. owner
    end
    if state then states[#states + 1], states[#states + 2] = i, state end
    claims[2 * i - 1], claims[2 * i] = ids[i], claim
  end
  if call('EXISTS', queue .. ':claims') == 0 then claims[2] = claims[2] .. PADDING end
  apply('HSET', queue .. ':claims', claims)
  tell(queue, ids)
  return ids, values, states
end
