// Counters in Redis: c holds the sum and the end of each.

export const COUNTERS = `
local MOST = 9007199254740991
local function readCounter(name)
  local text = call('HGET', base .. 'c', name)
  if not text then return nil end
  local sum, expires = string.match(text, '^(%S+) (%S+)$')
  sum, expires = tonumber(sum), tonumber(expires)
  if expires > 0 and expires <= now then return nil end
  return sum, expires
end
local function tooMuch(sum) return sum > MOST or sum < -MOST end
local function addTo(name, by, ttl)
  local sum, expires = readCounter(name)
  if not sum then
    sum, expires = 0, expiry(ttl) or 0
    call('ZREM', touch('x'), 'c' .. name)
  end
  sum = sum + by
  call('HSET', touch('c'), name, num(sum) .. ' ' .. num(expires))
  if expires > 0 then
    call('ZADD', touch('x'), num(expires), 'c' .. name)
    keep('c', expires)
  else
    keep('c', nil)
  end
  return sum
end
`;

export const COUNT = `
local name, by, ttl = arg(), tonumber(arg()), arg()
local sum = (readCounter(name) or 0) + by
if tooMuch(sum) then return { 0, num(sum) } end
addTo(name, by, ttl)
sweep(16)
finish()
return { 1, num(sum) }
`;

export const COUNTER = `
return num((readCounter(arg())) or 0)
`;
