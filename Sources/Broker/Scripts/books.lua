-- The books of a queue, and what every move on them shares. Loaded before each script.
--
-- A queue is named by its prefix, such as "tq:{default}": all its keys hash to one slot of a cluster.
--   :tasks             hash  id -> header and message (TaskValue.swift says how)
--   :state             hash  id -> what is left of earlier deliveries; none before the first that did not end the task
--   :ready:RANK:TASK   list  of ids, oldest first; rank is 9 - priority
--   :suspect:RANK:TASK list  the same, for tasks that two workers or more died holding
--   :lanes             set   of the two above that may hold something, as "ready:4:TASK"
--   :scheduled         zset  of ids, score due time
--   :claims            hash  id -> fence (8), attempt (4), since (6), number of the exchange (4), 1 if the task has a
--                            unique key, worker's length (1), worker, progress
--   :cancels:WORKER    set   of the ids it holds that someone asked to stop
--   :workers           zset  of workers, score end of lease
--   :paused            string, there if claims pass the queue over
--   :idle:KNOWLEDGE    zset  of wake-up channels of workers that want more, score since when
--   :knowledge         hash  SHA-1 -> the tasks that workers know, each between zero bytes
--   :unique:KEY        string, the id that holds the key, and until when at least
--   :dead, :died       hash  id -> why and header and message; zset of ids, score when
--   :result:ID         string, the final record; expires by itself
--   :waiters           hash  id -> channels to tell when it moves
--   :totals            hash  accepted, finished -> how many tasks ever; service -> seconds a task takes, as last told
--   :swept             string, when the books were last reconciled
-- A live task stands in exactly one of a lane, :scheduled and :claims. Ids are 16 bytes, times milliseconds.
local call, sub, byte, char = redis.call, string.sub, string.byte, string.char
local pack, unpackBytes = struct.pack, struct.unpack

-- The store's clock; tests give a time of their own.
local now = tonumber(ARGV[1])
if not now then
  local time = call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end

-- Lua's stack holds some 8,000 values.
local PORTION = 4000

-- Returns the sum of the answers.
local function apply(command, key, list)
  local sum = 0
  for first = 1, #list, PORTION do
    sum = sum + call(command, key, unpack(list, first, math.min(first + PORTION - 1, #list)))
  end
  return sum
end

local function hmget(key, fields)
  if #fields <= PORTION then return call('HMGET', key, unpack(fields)) end
  local values = {}
  for first = 1, #fields, PORTION do
    local last = math.min(first + PORTION - 1, #fields)
    local part = call('HMGET', key, unpack(fields, first, last))
    for i = 1, last - first + 1 do values[first + i - 1] = part[i] end
  end
  return values
end

-- Tells whoever waits for tasks that they have moved.
local function tell(queue, ids)
  if #ids == 0 or call('EXISTS', queue .. ':waiters') == 0 then return end
  local waiting = hmget(queue .. ':waiters', ids)
  for i = 1, #ids do
    for waiter in string.gmatch(waiting[i] or '', '%S+') do call('PUBLISH', waiter, ids[i]) end
  end
end

-- Tasks made ready in this move: queue -> task -> how many.
local arrivals = {}

local function arrived(queue, task, count)
  local tasks = arrivals[queue] or {}
  arrivals[queue] = tasks
  tasks[task] = (tasks[task] or 0) + count
end

-- An idle worker asks again within this time; one that did not is gone.
local IDLE_MAX = 15000

-- Wakes one idle worker per arrival, the one that has waited least first: the others may sleep on or be scaled in.
local function wake()
  for queue, tasks in pairs(arrivals) do
    local knowledge = call('HGETALL', queue .. ':knowledge')
    for i = 1, #knowledge, 2 do
      local idle = queue .. ':idle:' .. knowledge[i]
      for task, count in pairs(tasks) do
        while count > 0 and string.find(knowledge[i + 1], '\0' .. task .. '\0', 1, true) do
          local worker = call('ZPOPMAX', idle)
          if not worker[1] then
            call('HDEL', queue .. ':knowledge', knowledge[i])
            break
          end
          if now - worker[2] < IDLE_MAX and call('PUBLISH', worker[1], '') > 0 then count = count - 1 end
        end
        tasks[task] = count
      end
    end
  end
end

local function header(value)
  local taskLength = byte(value, 14) or 0
  local keyLength = (byte(value, 15) or 0) * 256 + (byte(value, 16) or 0)
  return byte(value, 13) or 0, sub(value, 17, 16 + taskLength),
    sub(value, 17 + taskLength, 16 + taskLength + keyLength)
end

local function stateOf(queue, id)
  local text = call('HGET', queue .. ':state', id) or '0 0 0 0\n'
  local attempts, deliveries, deaths, cancelled, history = string.match(text, '^(%d+) (%d+) (%d+) (%d+)\n(.*)$')
  return {
    attempts = tonumber(attempts) or 0, deliveries = tonumber(deliveries) or 0, deaths = tonumber(deaths) or 0,
    cancelled = tonumber(cancelled) or 0, history = history or ''
  }
end

local function setState(queue, id, state)
  local numbers = string.format('%d %d %d %d\n', state.attempts, state.deliveries, state.deaths, state.cancelled)
  call('HSET', queue .. ':state', id, numbers .. state.history)
end

local HISTORY_MAX = 32

-- Adds a line to a history; beyond the limit the oldest give way.
local function remember(state, line)
  state.history = state.history .. line .. '\n'
  local _, lines = string.gsub(state.history, '\n', '')
  if lines > HISTORY_MAX then state.history = string.match(state.history, '^[^\n]*\n(.*)$') end
end

local function claimOf(queue, id)
  local value = call('HGET', queue .. ':claims', id)
  if not value or #value < 24 then return nil end
  local fence, attempt, since, trade = unpackBytes('>I8I4I6I4', value)
  local worker = sub(value, 25, 24 + byte(value, 24))
  return { fence = fence, attempt = attempt, since = since, trade = trade, worker = worker }
end

local function laneOf(value, deaths)
  local rank, task = header(value)
  -- A task that can't be read has no name and is for any worker, who makes it a dead letter.
  if rank > 9 or #task < (byte(value, 14) or 0) then rank, task = 0, '' end
  return (deaths >= 2 and 'suspect:' or 'ready:') .. rank .. ':' .. task, task
end

-- Puts a task that is in no place now into its lane: behind the others, or before them if it comes back.
local function makeReady(queue, id, deaths, comesBack)
  local value = call('HGET', queue .. ':tasks', id)
  if not value then return end
  local lane, task = laneOf(value, deaths)
  call(comesBack and 'LPUSH' or 'RPUSH', queue .. ':' .. lane, id)
  call('SADD', queue .. ':lanes', lane)
  arrived(queue, task, 1)
end

-- The ids a worker holds, newest first. Reads all claims: for what happens seldom.
local function heldBy(queue, worker)
  local claims, held = call('HGETALL', queue .. ':claims'), {}
  local owner = char(#worker) .. worker
  for i = 1, #claims, 2 do
    if sub(claims[i + 1], 24, 24 + #worker) == owner then held[#held + 1] = claims[i] end
  end
  table.sort(held, function(left, right) return left > right end)
  return held
end

-- Takes a claim back and puts the task before those that came after it: the delivery counts, its attempt does not.
local function unclaim(queue, id, claim, note)
  call('HDEL', queue .. ':claims', id)
  call('SREM', queue .. ':cancels:' .. claim.worker, id)
  local state = stateOf(queue, id)
  state.deliveries = claim.fence
  if note then note(state) end
  setState(queue, id, state)
  makeReady(queue, id, state.deaths, true)
  tell(queue, { id })
end

-- Has an idle worker look when a scheduled task falls due.
local function announce(queue, id)
  local value = call('HGET', queue .. ':tasks', id)
  if not value then return end
  local _, task = laneOf(value, 0)
  arrived(queue, task, 1)
end

-- The unique key that a task holds, and until when at least; nil if it holds none.
local function heldKey(queue, id, value)
  local _, _, unique = header(value)
  local key = queue .. ':unique:' .. unique
  local holder = #unique > 0 and call('GET', key)
  if holder and sub(holder, 1, 16) == id then return key, unpackBytes('>I6', holder, 17) end
end

-- Lets go of a task's unique key, now or at the end of the time it was asked for.
local function releaseKey(queue, id, value)
  local key, untilTime = heldKey(queue, id, value)
  if not key then return end
  if untilTime <= now then call('DEL', key) else call('PEXPIRE', key, untilTime - now) end
end
