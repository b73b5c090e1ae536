/**
 * What happens inside Redis, as one step each: the scripts. Every one has the same keys (the run's state, its
 * stream, the runs by recency, the closed ones among them) and begins with the same two arguments (the prefix,
 * the run).
 */

const PRELUDE = `
local meta, events, runs, closed = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
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

-- Null also for what is none of ours: whoever can write to the server can write anything there.
local function stateOf(key)
  local found = redis.pcall('HMGET', key, 'epoch', 'head', 'closed', 'batches')
  if hasFailed(found) then return nil end
  local epoch, head = found[1] or '', found[2] or ''
  if #epoch > 16 or #head > 15 or not string.find(epoch, '^%w+$') or not string.find(head, '^%d+$') then
    return nil
  end
  return { epoch = epoch, head = tonumber(head), isClosed = found[3] == '1', batches = found[4] or '' }
end

local function tell(name, kind, first)
  local notice = string.format('%s %.0f', kind, first)
  redis.call('PUBLISH', prefix .. ':n:' .. name, notice)
  redis.call('PUBLISH', prefix .. ':n', notice .. ' ' .. name)
end

local function forget(name)
  redis.call('DEL', prefix .. ':m:' .. name, prefix .. ':e:' .. name)
  redis.call('ZREM', runs, name)
  redis.call('ZREM', closed, name)
end
`;

const WRITING = `
local epoch, retention, maxRuns = ARGV[3], ARGV[4], tonumber(ARGV[5])

-- The oldest of a set that nobody watches; it looks at a thousand at most.
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
    tell(victim, 'x', 0)
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

local function open()
  local state = stateOf(meta)
  if state then return state end
  redis.call('DEL', meta, events)
  redis.call('HSET', meta, 'epoch', epoch, 'head', '0')
  return { epoch = epoch, head = 0, isClosed = false, batches = '' }
end
`;

/** Arguments: …, epoch if the run is new, retention, most runs, publisher, number, lost, history, events… */
export const APPEND = `${PRELUDE}${WRITING}
local publisher, number, lost, history = ARGV[6], ARGV[7], tonumber(ARGV[8]), ARGV[9]
local state = open()
if state.isClosed then return 'closed' end

-- What the newest batches of the last publishers were: one that is sent again is known.
local mark = ' ' .. publisher .. '='
local last = string.match(state.batches, mark .. '(%d+)')
if last and tonumber(last) >= tonumber(number) then return state.head end
local batches = string.gsub(state.batches, mark .. '%d+', '', 1) .. mark .. number
if #batches > 1000 then
  batches = string.sub(batches, string.find(batches, ' ', #batches - 999, true) or 1)
end
redis.call('HSET', meta, 'batches', batches)

local count = #ARGV - 9
local head = redis.call('HINCRBY', meta, 'head', string.format('%.0f', lost + count))
for i = 1, count do
  local id = string.format('%.0f-0', head - count + i)
  if hasFailed(redis.pcall('XADD', events, id, 'e', ARGV[9 + i])) then
    -- Somebody wrote there: what is held is gone, but the run goes on.
    redis.call('DEL', events)
    redis.call('XADD', events, id, 'e', ARGV[9 + i])
  end
end
if count > 0 then redis.call('XTRIM', events, 'MAXLEN', '=', history) end
touch(state)
tell(run, 'c', count > 0 and head - count + 1 or 0)
return head
`;

/** Arguments: …, epoch if the run is new, retention, most runs. */
export const CLOSE = `${PRELUDE}${WRITING}
local state = open()
state.isClosed = true
redis.call('HSET', meta, 'closed', '1')
touch(state)
tell(run, 'c', 0)
return 1
`;

export const DROP = `${PRELUDE}
local state = stateOf(meta)
if not state then
  forget(run)
  return 1
end
local isWatched = redis.call('PUBSUB', 'NUMSUB', prefix .. ':n:' .. run)[2] > 0
if state.isClosed or not isWatched then forget(run) else redis.call('DEL', events) end
tell(run, 'd', 0)
return 1
`;

/** Arguments: …, the number to read behind, most events, most bytes of an event, most bytes of all. */
export const READ = `${PRELUDE}
local after, limit, maxEvent, left = tonumber(ARGV[3]), ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6])
local state = stateOf(meta)
if not state then return false end
local page = { state.epoch .. incarnation(), state.head, state.isClosed and 1 or 0 }
if after >= state.head then return page end
local to, from = string.format('%.0f-0', state.head), string.format('%.0f-0', after + 1)
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

/** Arguments: …, most runs. */
export const RUNS = `${PRELUDE}
local server = incarnation()
local found = {}
local names = redis.pcall('ZREVRANGE', runs, 0, ARGV[3] - 1)
for _, name in ipairs(hasFailed(names) and {} or names) do
  local state = stateOf(prefix .. ':m:' .. name)
  if state then
    found[#found + 1] = name
    found[#found + 1] = state.epoch .. server
    found[#found + 1] = state.head
    found[#found + 1] = state.isClosed and 1 or 0
  else
    -- It was kept for long enough.
    redis.call('ZREM', runs, name)
    redis.call('ZREM', closed, name)
  end
end
return found
`;
