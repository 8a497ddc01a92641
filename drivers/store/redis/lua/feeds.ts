// Feeds in Redis, for each owner: f in order, g the entries with their ends, e those that end.

export const FEEDS = `
local function feedName(feed, owner) return #feed .. ':' .. feed .. owner end
local function removeEntry(name, id)
  call('ZREM', touch('f' .. name), id)
  call('HDEL', touch('g' .. name), id)
  call('ZREM', touch('e' .. name), id)
end
local function push(feed, owner, id, at, value, limit, ttl)
  local name, expires = feedName(feed, owner), expiry(ttl)
  local entries, values, ending = touch('f' .. name), touch('g' .. name), touch('e' .. name)
  for _, over in ipairs(call('ZRANGEBYSCORE', ending, '-inf', num(now))) do removeEntry(name, over) end
  call('ZADD', entries, at, id)
  call('HSET', values, id, struct.pack('>d', expires or 0) .. value)
  keep('f' .. name, expires)
  keep('g' .. name, expires)
  if expires then call('ZADD', ending, num(expires), id) else call('ZREM', ending, id) end
  -- As long as an entry stays for ever, so does what knows which ones do not.
  if isForever('f' .. name) then keep('e' .. name, nil) else keep('e' .. name, expires) end
  local size = call('ZCARD', entries)
  if size > limit then
    for _, oldest in ipairs(call('ZRANGE', entries, 0, size - limit - 1)) do removeEntry(name, oldest) end
  end
end
`;

/**
 * The place to go on from is searched by halves among the entries of the same time, since the last
 * entry of the page may be gone.
 */
export const FEED = `
local name, hasAfter, at, id, limit, maxBytes = feedName(arg(), arg()), arg() == '1', arg(), arg(), tonumber(arg()), tonumber(arg())
local entries, values = base .. 'f' .. name, base .. 'g' .. name
local from = 0
if hasAfter then
  from = call('ZCOUNT', entries, '(' .. at, '+inf')
  local to = from + call('ZCOUNT', entries, at, at)
  while from < to do
    local middle = floor((from + to) / 2)
    local met = call('ZREVRANGE', entries, middle, middle)[1]
    if less(met, id) then to = middle else from = middle + 1 end
  end
end
local page, bytes = {}, 0
while true do
  local found = call('ZREVRANGE', entries, from, from + 99, 'WITHSCORES')
  for i = 1, #found, 2 do
    local stored = call('HGET', values, found[i])
    local expires = struct.unpack('>d', stored)
    if expires == 0 or expires > now then
      if #page == limit or bytes >= maxBytes then return { 1, page } end
      page[#page + 1] = { found[i], found[i + 1], sub(stored, 9) }
      bytes = bytes + #stored
    end
  end
  if #found < 200 then return { 0, page } end
  from = from + 100
end
`;
