// The beginning of every script: arguments in order, the server's time, and the catalog of a
// scope's keys with the time to live of each.

/**
 * Milliseconds since 1970 by the clock of the server that runs the script: the only clock
 * that anything is measured by.
 */
export const SERVER_CLOCK = `
local function clock()
  local time = redis.call('TIME')
  return time[1] * 1000 + time[2] / 1000
end
`;

/**
 * KEYS[1] is the beginning of all keys of the scope, the hash tag in it. Below it the catalog (~)
 * lists them, so that they can be dropped without looking through the whole server. A script
 * announces each write with touch() before and keep() after. At the end finish() gives each key the
 * time to live of its longest living part, or none, and takes empty keys out of the catalog. So
 * nothing is left without a time to live or an owner.
 */
export const PRELUDE = `
local call, format, sub, floor = redis.call, string.format, string.sub, math.floor
local base = KEYS[1]
local now = clock()
local cursor = 0
local function arg()
  cursor = cursor + 1
  return ARGV[cursor]
end
-- All digits of a number; tostring() rounds.
local function num(x) return format('%.17g', x) end
-- An empty time to live is none.
local function expiry(ttl)
  if ttl == '' then return nil end
  return now + tonumber(ttl)
end

local before, ends, order = {}, {}, {}
-- Before a key is written: when it ends so far. -2: it is not there, -1: never.
local function touch(name)
  if before[name] == nil then
    before[name] = call('PEXPIRETIME', base .. name)
    order[#order + 1] = name
  end
  return base .. name
end
-- After a part was written: how long that lives; nil is for ever.
local function keep(name, expires)
  if expires == nil then
    ends[name] = -1
  elseif ends[name] ~= -1 and (ends[name] or 0) < expires then
    ends[name] = expires
  end
end
local function isForever(name) return before[name] == -1 or ends[name] == -1 end
-- The key as a whole lives so long from now on, whatever it was before.
local function keepExactly(name, expires)
  before[name] = -2
  ends[name] = expires or -1
end

local function finish()
  local catalog = base .. '~'
  local was = call('PEXPIRETIME', catalog)
  local forever, last = was == -1, was
  for _, name in ipairs(order) do
    local key = base .. name
    if name ~= 'x' then
      if call('EXISTS', key) == 0 then
        call('SREM', catalog, name)
      elseif ends[name] then
        call('SADD', catalog, name)
        if ends[name] == -1 then
          if before[name] ~= -2 or call('PTTL', key) ~= -1 then call('PERSIST', key) end
          forever = true
        else
          local at = math.ceil(ends[name])
          if before[name] == -1 then
            forever = true
          else
            if before[name] > at then at = before[name] end
            call('PEXPIREAT', key, num(at))
            if at > last then last = at end
          end
        end
      end
    end
  end
  -- What is due to expire is known as long as anything is there that may have to be taken out.
  if before['x'] and call('EXISTS', base .. 'x') == 1 then call('SADD', catalog, 'x') end
  for _, key in ipairs({ catalog, base .. 'x' }) do
    if forever then call('PERSIST', key) elseif last > 0 then call('PEXPIREAT', key, num(last)) end
  end
end
`;

/** The current time as text, since numbers lose the digits behind the point. */
export const NOW = `
return num(now)
`;

/** Compares bytes. Lua's own < goes by the locale of the server. */
export const BYTES = `
local function less(a, b)
  local n = math.min(#a, #b)
  for i = 1, n do
    local x, y = string.byte(a, i), string.byte(b, i)
    if x ~= y then return x < y end
  end
  return #a < #b
end
`;
