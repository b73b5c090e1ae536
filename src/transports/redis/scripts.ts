/**
 * What happens inside Redis, as one step each: the scripts. Every one has the same keys (the run's state, its
 * stream, the runs by recency, the closed ones among them, the order of all runs) and begins with the same two
 * arguments (the prefix, the run).
 *
 * The order is a stream of the notices that gave numbers, the last of them: an entry's id is how many numbers were
 * given up to there, so a gap between two that follow each other says how much is missing. When it is gone, it begins
 * again with another name, behind all numbers that it had given. An event's id is its number in the run, and in the order.
 */
import { MAX_PRODUCERS } from "../../core/log/producers.ts";

const PRELUDE = `
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
  local found = redis.pcall('HMGET', key, 'epoch', 'head', 'closed', 'producers')
  if hasFailed(found) then return nil end
  local epoch, head = found[1] or '', found[2] or ''
  if #epoch > 16 or #head > 15 or not string.find(epoch, '^%w+$') or not string.find(head, '^%d+$') then
    return nil
  end
  return { epoch = epoch, head = tonumber(head), isClosed = found[3] == '1', producers = found[4] or '' }
end

-- The name of the order, and how many numbers it has given; nil if there is none, or if it is foreign.
local function placeOf()
  local last = redis.pcall('XREVRANGE', order, '+', '-', 'COUNT', 1)
  if hasFailed(last) or not last[1] then return nil end
  local total, fields = string.match(last[1][1], '^(%d+)%-0$'), last[1][2]
  if not total or #total > 15 or fields[1] ~= 'o' or not string.find(fields[2], '^%w+$') then return nil end
  return { name = fields[2], total = tonumber(total) }
end

-- By its time it is behind all numbers of an earlier one, unless that gave more than a hundred each millisecond.
local function newPlace(name)
  local time = redis.call('TIME')
  redis.call('DEL', order)
  return { name = name, total = time[1] * 100000 + math.floor(time[2] / 10) }
end

-- Where the order stands. A new one is written down, so that a process that asks again can tell it from another.
local function standing(name, retention)
  local place = placeOf()
  if place then return place end
  place = newPlace(name)
  redis.call('XADD', order, string.format('%.0f-0', place.total), 'o', name, 'n', '')
  redis.call('PEXPIRE', order, retention)
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

const WRITING = `
local epoch, retention, maxRuns, maxOrder = ARGV[3], ARGV[4], tonumber(ARGV[5]), ARGV[6]

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

local function touch(state)
  local time = redis.call('TIME')
  local now = string.format('%.0f', time[1] * 1000000 + time[2])
  for _, set in ipairs({ runs, closed }) do
    if set == runs or state.isClosed then
      if hasFailed(redis.pcall('ZADD', set, now, run)) then
        redis.call('DEL', set)
        redis.call('ZADD', set, now, run)
      end
    end
  end
  for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, retention) end
  makeRoom()
end

-- Tells that numbers up to the head were given, and writes it into the order behind a place.
local function tellNumbers(state, head, count, place)
  local from = place.total
  place.total = from + count
  local notice = tell(run, 'c', head - count + 1, head, state.epoch, from, place)
  local id = string.format('%.0f-0', place.total)
  redis.call('XADD', order, 'MAXLEN', '~', maxOrder, id, 'o', place.name, 'n', notice)
end

local function open()
  local state = stateOf(meta)
  if state then return state end
  redis.call('DEL', meta, events)
  redis.call('HSET', meta, 'epoch', epoch, 'head', '0')
  return { epoch = epoch, head = 0, isClosed = false, producers = '' }
end

-- Who stored or claimed last, the latest at the end: ' id|epoch|number' of each.
local function producerOf(state, id)
  local from, to = string.find(state.producers, ' ' .. id .. '|', 1, true)
  if not from then return nil end
  local epoch, number = string.match(state.producers, '^(%d+)|(%-?%d+)', to + 1)
  return epoch and { epoch = tonumber(epoch), number = tonumber(number) }
end

local function setProducer(state, id, epoch, number)
  local others = {}
  for other, rest in string.gmatch(state.producers, ' ([^ |]+)(|%d+|%-?%d+)') do
    if other ~= id then others[#others + 1] = ' ' .. other .. rest end
  end
  local kept = table.concat(others, '', math.max(1, #others - ${MAX_PRODUCERS} + 2))
  redis.call('HSET', meta, 'producers', string.format('%s %s|%.0f|%.0f', kept, id, epoch, number))
end
`;

/**
 * Arguments: …, a name for what begins (the run, the order), retention, most runs, most notices, the producer with its
 * epoch and number, lost, history, how many arguments there are of events that are kept, those (the field, the place
 * among the events, the event), events…
 */
export const APPEND = `${PRELUDE}${WRITING}
local id, era, number = ARGV[7], tonumber(ARGV[8]), tonumber(ARGV[9])
local lost, history = tonumber(ARGV[10]), ARGV[11]
local before = 12 + tonumber(ARGV[12])
local state = open()
local known = producerOf(state, id)
if known and era < known.epoch then return { string.format('%.0f', known.epoch) } end
if known and era == known.epoch and number <= known.number then return 'duplicate' end
if state.isClosed then return 'closed' end
setProducer(state, id, era, number)

local count = #ARGV - before
local head = redis.call('HINCRBY', meta, 'head', string.format('%.0f', lost + count))
local place = placeOf() or newPlace(epoch)
for i = 1, count do
  local id = string.format('%.0f-%.0f', head - count + i, place.total + lost + i)
  if hasFailed(redis.pcall('XADD', events, id, 'e', ARGV[before + i])) then
    -- Another client wrote there: what is held is gone, but the run goes on.
    redis.call('DEL', events)
    redis.call('XADD', events, id, 'e', ARGV[before + i])
  end
end
if count > 0 then redis.call('XTRIM', events, 'MAXLEN', '=', history) end
-- How the run began, and how it ended last, is kept as long as the run.
for i = 13, before, 3 do
  local value = string.format('%.0f %s', head - count + ARGV[i + 1], ARGV[i + 2])
  redis.call(ARGV[i] == 'started' and 'HSETNX' or 'HSET', meta, ARGV[i], value)
end
if lost + count > 0 then tellNumbers(state, head, lost + count, place) end
touch(state)
return 'stored'
`;

/** Arguments: …, a name for the run if it is new, retention, most runs, most notices, the producer. */
export const CLAIM = `${PRELUDE}${WRITING}
local state = open()
local known = producerOf(state, ARGV[7])
local era = (known and known.epoch or 0) + 1
setProducer(state, ARGV[7], era, -1)
touch(state)
return string.format('%.0f', era)
`;

/** Arguments: …, a name for the run if it is new, retention, most runs, most notices. */
export const CLOSE = `${PRELUDE}${WRITING}
local state = open()
state.isClosed = true
redis.call('HSET', meta, 'closed', '1')
touch(state)
tell(run, 'c', 1, 0, state.epoch)
return 1
`;

export const DROP = `${PRELUDE}
local state = stateOf(meta)
if not state then
  forget(run)
  return 1
end
local isWatched = redis.call('PUBSUB', 'NUMSUB', prefix .. ':n:' .. run)[2] > 0
if state.isClosed or not isWatched then forget(run) else
  redis.call('DEL', events)
  redis.call('HDEL', meta, 'started', 'completed')
end
tell(run, 'd', 1, 0, state.epoch)
return 1
`;

/**
 * Arguments: …, a name for the order if it is new, retention, the number to read behind, most events, most bytes of an
 * event, most bytes of all.
 */
export const READ = `${PRELUDE}
local after, limit, maxEvent, left = tonumber(ARGV[5]), ARGV[6], tonumber(ARGV[7]), tonumber(ARGV[8])
local state, server = stateOf(meta), incarnation()
-- Where nothing is kept, nothing is written.
local place = state and standing(ARGV[3], ARGV[4]) or placeOf()
if not place then return { '', '0' } end
local page = { place.name .. server, string.format('%.0f', place.total) }
if not state then return page end
for i, value in ipairs({ state.epoch .. server, state.head, state.isClosed and 1 or 0 }) do page[i + 2] = value end
if after >= state.head then return page end
local to, from = string.format('%.0f', state.head), string.format('%.0f', after + 1)
local entries = redis.pcall('XREVRANGE', events, to, from, 'COUNT', limit)
if hasFailed(entries) then return page end
for _, entry in ipairs(entries) do
  local fields = entry[2]
  local value = #fields == 2 and fields[1] == 'e' and #fields[2] <= maxEvent and fields[2]
  left = left - (value and #value or 0)
  if left < 0 then break end
  page[#page + 1] = entry[1]
  page[#page + 1] = value
end
return page
`;

/** Arguments: …, most runs, most bytes of an event that is kept. */
export const RUNS = `${PRELUDE}
local server, found = incarnation(), {}
local names = redis.pcall('ZREVRANGE', runs, 0, ARGV[3] - 1)
for _, name in ipairs(hasFailed(names) and {} or names) do
  local state = stateOf(prefix .. ':m:' .. name)
  if state then
    for _, value in ipairs({ name, state.epoch .. server, state.head, state.isClosed and 1 or 0 }) do
      found[#found + 1] = value
    end
    for _, field in ipairs({ 'started', 'completed' }) do
      local value = redis.pcall('HGET', prefix .. ':m:' .. name, field)
      found[#found + 1] = type(value) == 'string' and #value <= tonumber(ARGV[4]) and value or ''
    end
  else
    -- It was kept for long enough.
    redis.call('ZREM', runs, name)
    redis.call('ZREM', closed, name)
  end
end
return found
`;

/**
 * Arguments: …, a name for the order if it is new, retention, and the epoch of a place and its number, or nothing to be
 * told only where the order stands.
 */
export const SINCE = `${PRELUDE}
local epoch, after = ARGV[5], ARGV[6]
local place = standing(ARGV[3], ARGV[4])
local news = { place.name .. incarnation(), string.format('%.0f', place.total) }
if not epoch then return news end
local from = string.sub(epoch, 1, #place.name) == place.name and '(' .. after .. '-0' or '-'
for _, entry in ipairs(redis.call('XRANGE', order, from, '+')) do
  news[#news + 1] = entry[2][4] or ''
end
return news
`;
