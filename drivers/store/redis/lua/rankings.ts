// Rankings in Redis. s<ranking> holds members by negated score, so that the best come first and
// equal ones by name. w<ranking> holds the values shown, and m the end of each.

export const RANKINGS = `
local function rankingEnd(name) return tonumber(call('HGET', base .. 'm', name) or '0') end
local function isRankingOver(name)
  local expires = rankingEnd(name)
  return expires > 0 and expires <= now
end
local function forgetRanking(name)
  touch('s' .. name)
  touch('w' .. name)
  call('UNLINK', base .. 's' .. name, base .. 'w' .. name)
  call('HDEL', touch('m'), name)
  call('ZREM', touch('x'), 's' .. name)
end
local function score(name, member, points, mode, limit, hasValue, value, ttl)
  if isRankingOver(name) then forgetRanking(name) end
  local members, shown, expires = touch('s' .. name), touch('w' .. name), expiry(ttl)
  local negated = call('ZSCORE', members, member)
  local nextPoints = points
  if negated and mode ~= 'last' then
    local met = 0 - tonumber(negated)
    nextPoints = mode == 'sum' and met + points or math.max(met, points)
  end
  call('ZADD', members, num(0 - nextPoints), member)
  if hasValue == '1' then call('HSET', shown, member, value) end
  for _, worst in ipairs(call('ZRANGE', members, limit, -1)) do call('HDEL', shown, worst) end
  call('ZREMRANGEBYRANK', members, limit, -1)
  keepExactly('s' .. name, expires)
  keepExactly('w' .. name, expires)
  touch('m')
  if expires then
    call('HSET', base .. 'm', name, num(expires))
    keep('m', expires)
    call('ZADD', touch('x'), num(expires), 's' .. name)
  elseif call('HDEL', base .. 'm', name) == 1 then
    call('ZREM', touch('x'), 's' .. name)
  end
end
local function unrank(name, member)
  if isRankingOver(name) then return forgetRanking(name) end
  call('ZREM', touch('s' .. name), member)
  call('HDEL', touch('w' .. name), member)
end
`;

const READ_RANKED = `
local function readRanked(name, from, to)
  local ranked, found = {}, call('ZRANGE', base .. 's' .. name, from, to, 'WITHSCORES')
  for i = 1, #found, 2 do
    local rank = from + (i + 1) / 2
    ranked[#ranked + 1] = { found[i], found[i + 1], rank, call('HGET', base .. 'w' .. name, found[i]) }
  end
  return ranked
end
`;

export const TOP = `
${READ_RANKED}
local name, skip, limit = arg(), tonumber(arg()), tonumber(arg())
if isRankingOver(name) then return {} end
return readRanked(name, skip, skip + limit - 1)
`;

export const AROUND = `
${READ_RANKED}
local name, member, ahead, behind = arg(), arg(), tonumber(arg()), tonumber(arg())
local place = not isRankingOver(name) and call('ZRANK', base .. 's' .. name, member)
if not place then return {} end
return readRanked(name, math.max(0, place - ahead), place + behind)
`;

/** Members of equal scores are in the order of their bytes, so they are searched by halves. */
export const AROUND_PLACE = `
${READ_RANKED}
local name, negated, member, ahead, behind = arg(), arg(), arg(), tonumber(arg()), tonumber(arg())
if isRankingOver(name) then return { 0, {} } end
local members = base .. 's' .. name
local low = call('ZCOUNT', members, '-inf', '(' .. negated)
local high = low + call('ZCOUNT', members, negated, negated)
while low < high do
  local middle = floor((low + high) / 2)
  if less(call('ZRANGE', members, middle, middle)[1], member) then low = middle + 1 else high = middle end
end
local first, last = math.max(0, low - ahead), low + behind - 1
return { low, last < first and {} or readRanked(name, first, last) }
`;

export const RANKING_SIZE = `
local name = arg()
if isRankingOver(name) then return 0 end
return call('ZCARD', base .. 's' .. name)
`;
