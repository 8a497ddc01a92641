// The one step that makes changes and moves the position, and those that
// look at a scope as a whole.

/**
 * A script is not undone when it fails half way. So whatever can be refused is looked for before
 * anything is written: the position, sums that cannot be kept. Once a script has written, the
 * server refuses it nothing any more, be it out of memory, without replicas or a replica itself.
 */
export const APPLY = `
local fenced, consumer, after, upTo, server = arg(), arg(), arg(), arg(), arg()
local version, checked, count = arg(), arg(), tonumber(arg())
if fenced == '1' then
  local position = call('HGET', base .. 'p', consumer)
  if (position or '') ~= after or (server ~= '' and server ~= runId()) then return { 0, position } end
end
local LENGTHS = { P = 3, D = 1, R = 5, E = 2, S = 8, U = 2, F = 7, G = 3, C = 3, T = 3, X = 1 }
if checked == '1' then
  local first, sums, sizes = cursor, {}, {}
  for _ = 1, count do
    local kind = arg()
    if kind == 'C' then
      local name = ARGV[cursor + 1]
      sums[name] = (sums[name] or readCounter(name) or 0) + tonumber(ARGV[cursor + 2])
      if tooMuch(sums[name]) then return { 2, "Counter '" .. name .. "' would be " .. num(sums[name]) .. ', more than can be counted exactly.' } end
    elseif kind == 'S' then
      local ranking, member = ARGV[cursor + 1], ARGV[cursor + 2]
      local at = #ranking .. ':' .. ranking .. member
      local size = sizes[at]
      if not size then
        local met = not isRankingOver(ranking) and call('ZSCORE', base .. 's' .. ranking, member)
        size = met and math.abs(tonumber(met)) or 0
      end
      -- Whatever order the members come and go in, the score is never further from zero.
      sizes[at] = size + math.abs(tonumber(ARGV[cursor + 3]))
      if sizes[at] == math.huge then return { 2, "The score of '" .. member .. "' would be larger than a number can be." } end
    end
    cursor = cursor + LENGTHS[kind]
  end
  cursor = first
end
if fenced == '1' then
  call('HSET', touch('p'), consumer, upTo)
  keep('p', nil)
end
for _ = 1, count do
  local kind = arg()
  if kind == 'R' then
    local tbl, key, value, ttl, places = arg(), arg(), arg(), arg(), arg()
    putRow(tbl, key, value, expiry(ttl), places, version)
  elseif kind == 'P' then
    local key, value, ttl = arg(), arg(), arg()
    putRow('', key, value, expiry(ttl), '', version)
  elseif kind == 'C' then
    addTo(arg(), tonumber(arg()), arg())
  elseif kind == 'S' then
    score(arg(), arg(), tonumber(arg()), arg(), tonumber(arg()), arg(), arg(), arg())
  elseif kind == 'F' then
    push(arg(), arg(), arg(), arg(), arg(), tonumber(arg()), arg())
  elseif kind == 'D' then
    deleteRow('', arg())
  elseif kind == 'E' then
    deleteRow(arg(), arg())
  elseif kind == 'U' then
    unrank(arg(), arg())
  elseif kind == 'G' then
    local feed, owner, id = arg(), arg(), arg()
    removeEntry(feedName(feed, owner), id)
  elseif kind == 'T' then
    setTimer(arg(), arg(), arg())
  elseif kind == 'X' then
    cancelTimer(arg())
  end
end
sweep(16 + 2 * count)
finish()
return { 1 }
`;

export const POSITION = `
return call('HGET', base .. 'p', arg())
`;

/** Memory of what is unlinked is freed beside the server's main thread. */
export const DROP = `
local limit = tonumber(arg())
local names = call('SPOP', base .. '~', limit)
for _, name in ipairs(names) do call('UNLINK', base .. name) end
return #names == limit and 1 or 0
`;

/** Whether a scope holds anything; what has expired is taken out of its catalog on the way. */
export const HOLDS = `
for _ = 1, 1000 do
  local name = call('SRANDMEMBER', base .. '~')
  if not name then return 0 end
  if call('EXISTS', base .. name) == 1 then return 1 end
  call('SREM', base .. '~', name)
end
return 1
`;
