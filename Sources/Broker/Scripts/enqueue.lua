#!lua
-- Accepts messages; duplicates and those over a limit are named in the answer, all others are kept.
--
-- KEYS  queues
-- ARGV  1 clock · 2 most tasks that may wait in a queue, 0 for any number · 3… messages, packed: queue's number (1),
--       id (16), start: kind and time (1 + 6), expiry: kind and time (1 + 6), unique for (6), the rest of the value
-- Returns {message's number, 'duplicate' or 'full', id of the duplicate}… for those not accepted.
-- Without the flag allow-oom: a full server refuses new work, and goes on with what it has.
local limit = tonumber(ARGV[2])
local exceptions = {}

-- 'a' is after so many milliseconds, 't' at a time, 'n' not given.
local function resolve(kind, time)
  if kind == 'a' then return now + time end
  return kind == 't' and time or 0
end

-- Which of these ids were accepted before, alive or final.
local function accepted(queue, ids)
  local found = {}
  local live = hmget(queue .. ':tasks', ids)
  for i, id in ipairs(ids) do if live[i] then found[id] = true end end
  for first = 1, #ids, PORTION do
    local keys = {}
    for i = first, math.min(first + PORTION - 1, #ids) do keys[#keys + 1] = queue .. ':result:' .. ids[i] end
    if call('EXISTS', unpack(keys)) > 0 then
      for i, key in ipairs(keys) do
        if call('EXISTS', key) == 1 then found[ids[first + i - 1]] = true end
      end
    end
  end
  return found
end

-- The task that holds a unique key, if it lives or was given the key for longer than it lived.
local function holder(queue, unique)
  local held = call('GET', queue .. ':unique:' .. unique)
  if not held then return nil end
  local id = sub(held, 1, 16)
  if unpackBytes('>I6', held, 17) > now or call('HEXISTS', queue .. ':tasks', id) == 1 then return id end
end

local NONE = byte('n')
local USUAL = pack('>I6I6', now, 0)

-- The value to keep and when the task is due.
local function valueOf(text)
  if byte(text, 18) == NONE and byte(text, 25) == NONE then return USUAL .. sub(text, 38), 0 end
  local start, startTime, expiry, expiryTime = unpackBytes('>c1I6c1I6', text, 18)
  return pack('>I6I6', now, resolve(expiry, expiryTime)) .. sub(text, 38), resolve(start, startTime)
end

local function accept(queue, numbers)
  local ids = {}
  for i, number in ipairs(numbers) do ids[i] = sub(ARGV[number], 2, 17) end
  local found, holders = accepted(queue, ids), {}
  local room = math.huge
  if limit > 0 then room = limit - call('HLEN', queue .. ':tasks') + call('HLEN', queue .. ':claims') end
  local tasks, ready, scheduled, size = {}, {}, {}, 0
  -- Headers are mostly alike: rank, lengths and name are taken apart once for each kind.
  local kinds = {}
  for i, number in ipairs(numbers) do
    local text, id = ARGV[number], ids[i]
    local value, due = valueOf(text)
    local head = sub(text, 38, 41 + (byte(text, 39) or 0))
    local kind = kinds[head]
    if not kind then
      local rank, task, unique = header(value)
      kind = { task = task, lane = 'ready:' .. rank .. ':' .. task, hasKey = #unique > 0 }
      kinds[head] = kind
      ready[kind.lane] = ready[kind.lane] or { task = task }
    end
    local unique = kind.hasKey and select(3, header(value))
    local other = found[id] and id or (unique and (holders[unique] or holder(queue, unique))) or nil
    if other then
      exceptions[#exceptions + 1] = { number - 2, 'duplicate', other }
    elseif room <= 0 then
      exceptions[#exceptions + 1] = { number - 2, 'full' }
    else
      found[id], room = true, room - 1
      tasks[size + 1], tasks[size + 2], size = id, value, size + 2
      if unique then
        holders[unique] = id
        call('SET', queue .. ':unique:' .. unique, id .. pack('>I6', now + unpackBytes('>I6', text, 32)))
      end
      if due > now then
        scheduled[#scheduled + 1], scheduled[#scheduled + 2] = due, id
        -- Whoever is idle learns when to look again.
        arrived(queue, kind.task, 1)
      else
        local list = ready[kind.lane]
        list[#list + 1] = id
      end
    end
  end
  apply('HSET', queue .. ':tasks', tasks)
  if #tasks > 0 then call('HINCRBY', queue .. ':totals', 'accepted', #tasks / 2) end
  apply('ZADD', queue .. ':scheduled', scheduled)
  for lane, list in pairs(ready) do
    if #list > 0 then
      apply('RPUSH', queue .. ':' .. lane, list)
      call('SADD', queue .. ':lanes', lane)
      arrived(queue, list.task, #list)
    end
  end
end

local byQueue = {}
for number = 3, #ARGV do
  local queue = KEYS[byte(ARGV[number], 1)]
  local numbers = byQueue[queue] or {}
  byQueue[queue] = numbers
  numbers[#numbers + 1] = number
end
for queue, numbers in pairs(byQueue) do accept(queue, numbers) end
wake()
return exceptions
