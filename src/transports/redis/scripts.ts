/**
 * What happens inside Redis, as one step each: the scripts. Every one has the same keys (the run's state, its
 * events, the runs by recency, the closed ones among them, the order of all runs) and begins with the same two
 * arguments (the prefix, the run).
 *
 * The events of a run are a list, each with its number in the run, and in the order, before it. The order is a list of the
 * notices that gave numbers, the last of them: each says how many were given up to there, so a gap between two that follow
 * each other says how much is missing. When it is gone, it begins again with another name, behind all numbers that it had
 * given. Lists, not Redis's streams: those take 4 kB for the first entry, and a search for each that is cut off.
 */
import { PRELUDE, WRITING } from "./script_parts.ts";

/**
 * Arguments: …, a name for what begins (the run, the order), retention, most runs, most notices, the producer with its
 * epoch and number, lost, history, how many arguments there are of events that are kept, those (the field, the place
 * among the events, the event), events…
 */
export const APPEND = `${PRELUDE}${WRITING}
local id, era, number = ARGV[7], tonumber(ARGV[8]), tonumber(ARGV[9])
local lost, history = tonumber(ARGV[10]), tonumber(ARGV[11])
local before = 12 + tonumber(ARGV[12])
local state = open()
local known = producerOf(state, id)
if known and era < known.epoch then return { string.format('%.0f', known.epoch) } end
if known and era == known.epoch and number <= known.number then return 'duplicate' end
if state.isClosed then return 'closed' end

local count = #ARGV - before
local head = state.head + lost + count
redis.call('HSET', meta, 'head', string.format('%.0f', head), 'producers', withProducer(state, id, era, number))
local place = placeOf() or newPlace(epoch)
local isNew = place.isNew
-- No more at once than Lua can hand over.
for from = 1, count, 1000 do
  local entries = {}
  for i = from, math.min(count, from + 999) do
    entries[#entries + 1] = string.format('%.0f-%.0f ', head - count + i, place.total + lost + i) .. ARGV[before + i]
  end
  local length = redis.pcall('RPUSH', events, unpack(entries))
  if hasFailed(length) then
    -- Another client wrote there: what is held is gone, but the run goes on.
    redis.call('DEL', events)
    length = redis.call('RPUSH', events, unpack(entries))
  end
  isNew = isNew or length == #entries
  if length > history then redis.call('LTRIM', events, -history, -1) end
end
-- How the run began, and how it ended last, is kept as long as the run.
for i = 13, before, 3 do
  local value = string.format('%.0f %s', head - count + ARGV[i + 1], ARGV[i + 2])
  redis.call(ARGV[i] == 'started' and 'HSETNX' or 'HSET', meta, ARGV[i], value)
end
if lost + count > 0 then tellNumbers(state, head, lost + count, place) end
touch(state, isNew)
return 'stored'
`;

/** Arguments: …, a name for the run if it is new, retention, most runs, most notices, the producer. */
export const CLAIM = `${PRELUDE}${WRITING}
local state = open()
local known = producerOf(state, ARGV[7])
local era = (known and known.epoch or 0) + 1
redis.call('HSET', meta, 'producers', withProducer(state, ARGV[7], era, -1))
touch(state, true)
return string.format('%.0f', era)
`;

/** Arguments: …, a name for the run if it is new, retention, most runs, most notices. */
export const CLOSE = `${PRELUDE}${WRITING}
local state = open()
state.isClosed = true
redis.call('HSET', meta, 'closed', '1')
touch(state, true)
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
local after, limit, maxEvent, left = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local state, server = stateOf(meta), incarnation()
-- Where nothing is kept, nothing is written.
local place = state and standing(ARGV[3], ARGV[4]) or placeOf()
if not place then return { '', '0' } end
local page = { place.name .. server, string.format('%.0f', place.total) }
if not state then return page end
for i, value in ipairs({ state.epoch .. server, state.head, state.isClosed and 1 or 0 }) do page[i + 2] = value end
if after >= state.head then return page end
-- Behind a number there are at most as many as there are numbers.
local entries = redis.pcall('LRANGE', events, -math.min(limit, state.head - after), -1)
if hasFailed(entries) then return page end
for i = #entries, 1, -1 do
  local value = #entries[i] <= maxEvent and entries[i]
  left = left - (value and #value or 0)
  if left < 0 then break end
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
-- The newest first, and no more of them than there are behind the place.
local reached = string.sub(epoch, 1, #place.name) == place.name and tonumber(after) or -1
for from = 1, 1e9, 100 do
  local notices = redis.call('LRANGE', order, -from - 99, -from)
  for i = #notices, 1, -1 do
    local there = placeIn(notices[i])
    if there and there.total <= reached then return news end
    news[#news + 1] = notices[i]
  end
  if #notices < 100 then return news end
end
`;
