/** What the scripts have in common: see `scripts.ts`. */
import { MAX_PRODUCERS } from "../../core/log/producers.ts";

// How often at most it is said anew when a run expires, in the time for which it is kept: it may stay so much longer.
const TOUCHES = 100;
// The order is cut off when it has that many notices too many.
const SPARE_NOTICES = 100;

/** Begins every script. */
export const PRELUDE = `
local meta, events, runs, closed, order = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local prefix, run = ARGV[1], ARGV[2]

-- The first letters of the server's own id, which is another one after each start: a server that comes back
-- may have forgotten the newest events, and would give their numbers to others. Costs some 5 microseconds.
local function incarnation()
  local info = redis.pcall('INFO', 'server')
  return type(info) == 'string' and string.match(info, 'run_id:(%x%x%x%x%x%x%x%x)') or ''
end

local function hasFailed(reply)
  return type(reply) == 'table' and reply.err ~= nil
end

-- Nil also for foreign data: a client that can write to the server can write anything there.
local function stateOf(key)
  local found = redis.pcall('HMGET', key, 'epoch', 'head', 'closed', 'producers', 'touched')
  if hasFailed(found) then return nil end
  local epoch, head = found[1] or '', found[2] or ''
  if #epoch > 16 or #head > 15 or not string.find(epoch, '^%w+$') or not string.find(head, '^%d+$') then
    return nil
  end
  return {
    epoch = epoch, head = tonumber(head), isClosed = found[3] == '1', producers = found[4] or '',
    touched = tonumber(found[5] or '') or 0,
  }
end

-- Where the order stood behind a notice; nil if it is none.
local function placeIn(notice)
  local total, name = string.match(notice, '^%l %d+ %d+ %S+ %d+ (%d+) (%w+) %S+$')
  if total and #total <= 15 then return { name = name, total = tonumber(total) } end
end

-- The name of the order, and how many numbers it has given; nil if there is none, or if it is foreign.
local function placeOf()
  local last = redis.pcall('LINDEX', order, -1)
  return type(last) == 'string' and placeIn(last) or nil
end

-- By its time it is behind all numbers of an earlier one, unless that gave more than a hundred each millisecond.
local function newPlace(name)
  local time = redis.call('TIME')
  redis.call('DEL', order)
  return { name = name, total = time[1] * 100000 + math.floor(time[2] / 10), isNew = true }
end

-- Where the order stands. A new one is written down, so that a process that asks again can tell it from another.
local function standing(name, retention)
  local place = placeOf()
  if place then return place end
  place = newPlace(name)
  redis.call('RPUSH', order, string.format('o 0 0 - 0 %.0f %s -', place.total, place.name))
  redis.call('PEXPIRE', order, retention + math.floor(retention / ${TOUCHES}))
  return place
end

-- What happened, the first and the last number that was given, what the run's epoch begins with, and where that is in
-- the order: behind what, up to what, and whose.
local function tell(name, kind, first, last, epoch, from, place)
  local where = place and string.format('%.0f %.0f %s', from, place.total, place.name) or '0 0 -'
  local notice = string.format('%s %.0f %.0f %s %s %s', kind, first, last, epoch, where, name)
  redis.call('PUBLISH', prefix .. ':n:' .. name, notice)
  redis.call('PUBLISH', prefix .. ':n', notice)
  return notice
end

local function forget(name)
  redis.call('DEL', prefix .. ':m:' .. name, prefix .. ':e:' .. name)
  redis.call('ZREM', runs, name)
  redis.call('ZREM', closed, name)
end
`;

/** Goes on in those that write: arguments 3 to 6 are a name for what begins, retention, most runs, most notices. */
export const WRITING = `
local epoch, retention, maxRuns, maxOrder = ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local untouched = math.floor(retention / ${TOUCHES})

-- The oldest run of a set that no process watches; it looks at a thousand at most.
local function unwatched(set)
  for from = 0, 900, 100 do
    local names = redis.call('ZRANGE', set, from, from + 99)
    if #names == 0 then return nil end
    local channels = {}
    for i, name in ipairs(names) do channels[i] = prefix .. ':n:' .. name end
    local counts = redis.call('PUBSUB', 'NUMSUB', unpack(channels))
    for i, name in ipairs(names) do
      if name ~= run and counts[2 * i] == 0 then return name end
    end
  end
end

local function oldest(set)
  local names = redis.call('ZRANGE', set, 0, 1)
  return names[1] ~= run and names[1] or names[2]
end

local function makeRoom()
  while redis.call('ZCARD', runs) > maxRuns do
    local victim = unwatched(closed) or unwatched(runs) or oldest(closed) or oldest(runs)
    if not victim then return end
    forget(victim)
    tell(victim, 'x', 1, 0, '-')
  end
end

-- When the keys expire is said anew once in a while, and where one of them may be new.
local function touch(state, isNew)
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  local score, added = string.format('%.0f', time[1] * 1000000 + time[2]), 0
  for _, set in ipairs(state.isClosed and { runs, closed } or { runs }) do
    added = redis.pcall('ZADD', set, score, run)
    if hasFailed(added) then
      redis.call('DEL', set)
      added = redis.call('ZADD', set, score, run)
    end
    isNew = isNew or added == 1
  end
  if not isNew and now >= state.touched and now <= state.touched + untouched then return end
  redis.call('HSET', meta, 'touched', string.format('%.0f', now))
  for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, retention + untouched) end
  makeRoom()
end

-- Tells that numbers up to the head were given, and writes it into the order behind a place.
local function tellNumbers(state, head, count, place)
  local from = place.total
  place.total = from + count
  local notice = tell(run, 'c', head - count + 1, head, state.epoch, from, place)
  if redis.call('RPUSH', order, notice) > maxOrder + ${SPARE_NOTICES} then
    redis.call('LTRIM', order, -maxOrder, -1)
  end
end

local function open()
  local state = stateOf(meta)
  if state then return state end
  redis.call('DEL', meta, events)
  redis.call('HSET', meta, 'epoch', epoch, 'head', '0')
  return { epoch = epoch, head = 0, isClosed = false, producers = '', touched = 0 }
end

-- Who stored or claimed last, the latest at the end: ' id|epoch|number' of each.
local function producerOf(state, id)
  local from, to = string.find(state.producers, ' ' .. id .. '|', 1, true)
  if not from then return nil end
  local epoch, number = string.match(state.producers, '^(%d+)|(%-?%d+)', to + 1)
  return epoch and { epoch = tonumber(epoch), number = tonumber(number) }
end

local function withProducer(state, id, epoch, number)
  local others = {}
  for other, rest in string.gmatch(state.producers, ' ([^ |]+)(|%d+|%-?%d+)') do
    if other ~= id then others[#others + 1] = ' ' .. other .. rest end
  end
  local kept = table.concat(others, '', math.max(1, #others - ${MAX_PRODUCERS} + 2))
  return string.format('%s %s|%.0f|%.0f', kept, id, epoch, number)
end
`;
