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
    local held = call('SMEMBERS', queue .. ':held:' .. worker)
    if #held > 0 then
      for _, state in ipairs(hmget(queue .. ':state', held)) do
        if state and tonumber(string.match(state, '^%d+ %d+ (%d+)')) >= 2 then return true end
      end
    end
  end
  return false
end

-- The lanes that a claim may take from; those found empty leave the set of lanes.
local function openLanes(queues, mayClaim, known, worker)
  local open, suspects = {}, {}
  for number, queue in ipairs(queues) do
    if mayClaim[number] and call('EXISTS', queue .. ':paused') == 0 then
      promote(queue)
      for _, lane in ipairs(call('SMEMBERS', queue .. ':lanes')) do
        local kind, task = string.match(lane, '^(%l+):(.*)$')
        if string.find(known, '\0' .. task .. '\0', 1, true) then
          local key = queue .. ':' .. lane
          if call('EXISTS', key) == 0 then
            call('SREM', queue .. ':lanes', lane)
          else
            local list = kind == 'suspect' and suspects or open
            list[#list + 1] = { key = key, queue = number, isSuspect = kind == 'suspect', taken = 0 }
          end
        end
      end
    end
  end
  if #suspects > 0 and not holdsSuspect(queues, worker) then
    for _, lane in ipairs(suspects) do open[#open + 1] = lane end
  end
  return open
end

-- Whether the lane's next task precedes the other's: more urgent, or as urgent and older.
local function precedes(lane, other)
  local rank, otherRank = tonumber(lane.next[2 * lane.taken + 2]), tonumber(other.next[2 * other.taken + 2])
  if rank ~= otherRank then return rank < otherRank end
  return lane.next[2 * lane.taken + 1] < other.next[2 * other.taken + 1]
end

-- Takes the next ids out of their lanes, one suspect at most: queue's number -> ids, and how many.
local function take(open, count)
  local taken = {}
  -- Not ZPOPMIN, which would write every score as text.
  local function add(lane, first)
    call('ZREMRANGEBYRANK', lane.key, 0, #first - 1)
    local ids = taken[lane.queue]
    if not ids then
      taken[lane.queue] = first
    else
      for i = 1, #first do ids[#ids + 1] = first[i] end
    end
    return #first
  end
  if #open == 1 and not open[1].isSuspect then
    local first = call('ZRANGE', open[1].key, 0, count - 1)
    return taken, #first > 0 and add(open[1], first) or 0
  end
  for _, lane in ipairs(open) do
    lane.next = call('ZRANGE', lane.key, 0, lane.isSuspect and 0 or count - 1, 'WITHSCORES')
    lane.taken = 0
  end
  local total, suspectTaken = 0, false
  while total < count do
    local best
    for _, lane in ipairs(open) do
      local mayTake = 2 * lane.taken < #lane.next and not (lane.isSuspect and suspectTaken)
      if mayTake and (not best or precedes(lane, best)) then best = lane end
    end
    if not best then break end
    best.taken, total = best.taken + 1, total + 1
    suspectTaken = suspectTaken or best.isSuspect
  end
  for _, lane in ipairs(open) do
    if lane.taken > 0 then add(lane, call('ZRANGE', lane.key, 0, lane.taken - 1)) end
  end
  return taken, total, suspectTaken
end

local FIRST = pack('>I8I4', 1, 1)

-- Blanks before the progress. With a value over 64 bytes a small hash is a hash table at once; as a list, which small
-- ones otherwise are, it is searched from end to end (20 % of the server's time with 100 claims).
local PADDING = string.rep(' ', 65)

-- Makes a worker the holder of tasks that are in no place now.
-- Adds to `ids`, `values` and `states` (false for a task delivered for the first time); passes over tasks that are gone.
local function deliver(queue, worker, trade, candidates, ids, values, states)
  local found = hmget(queue .. ':tasks', candidates)
  local known = call('EXISTS', queue .. ':state') == 1 and hmget(queue .. ':state', candidates)
  local owner = char(#worker) .. worker .. PADDING
  local claims, held = {}, {}
  for i, id in ipairs(candidates) do
    local value, state = found[i], known and known[i]
    if value then
      local turn = FIRST
      if state then
        local attempts, deliveries = string.match(state, '^(%d+) (%d+)')
        turn = pack('>I8I4', deliveries + 1, attempts + 1)
      end
      local hasKey = (byte(value, 15) or 0) + (byte(value, 16) or 0) > 0
      claims[#claims + 1], claims[#claims + 2] = id, turn .. pack('>I6I4B', now, trade, hasKey and 1 or 0) .. owner
      held[#held + 1], ids[#ids + 1], values[#values + 1], states[#states + 1] = id, id, value, state
    end
  end
  apply('HSET', queue .. ':claims', claims)
  apply('SADD', queue .. ':held:' .. worker, held)
  return #held
end
