// Rows and keys in Redis: r<table> holds them, k<table> the keys in order, i<table><index>
// their places in an index.

/** Keys are the rows of the table without a name; nobody scans them. */
export const ROWS = `
local HEAD = 13 -- expires, length of the version, length of the places
local function packRow(expires, version, places, value)
  return struct.pack('>dBI4', expires or 0, #version, #places) .. version .. places .. value
end
local function isOver(row)
  local expires = struct.unpack('>d', row)
  return expires > 0 and expires <= now
end
local function versionOf(row)
  local _, version = struct.unpack('>dB', row)
  return sub(row, HEAD + 1, HEAD + version)
end
local function placesOf(row)
  local _, version, places = struct.unpack('>dBI4', row)
  return sub(row, HEAD + version + 1, HEAD + version + places)
end
local function valueOf(row)
  local _, version, places = struct.unpack('>dBI4', row)
  return sub(row, HEAD + version + places + 1)
end
local function getRow(tbl, key)
  local row = call('HGET', base .. 'r' .. tbl, key)
  if row and not isOver(row) then return row end
  return nil
end
local function eachPlace(tbl, packed, visit)
  local i = 1
  while i <= #packed do
    local n = struct.unpack('>I2', packed, i)
    local name = 'i' .. #tbl .. ':' .. tbl .. sub(packed, i + 2, i + 1 + n)
    i = i + 2 + n
    local m = struct.unpack('>I4', packed, i)
    visit(name, sub(packed, i + 4, i + 3 + m))
    i = i + 4 + m
  end
end
local function addPlaces(tbl, packed, expires, isThere)
  eachPlace(tbl, packed, function(name, place)
    touch(name)
    if not isThere then call('ZADD', base .. name, 0, place) end
    keep(name, expires)
  end)
end
local function removePlaces(tbl, packed)
  eachPlace(tbl, packed, function(name, place) call('ZREM', touch(name), place) end)
end
-- Its name among what expires.
local function expiring(tbl, key) return 'r' .. #tbl .. ':' .. tbl .. key end

local function removeRow(tbl, key, row)
  call('HDEL', touch('r' .. tbl), key)
  if tbl ~= '' then call('ZREM', touch('k' .. tbl), key) end
  if struct.unpack('>d', row) > 0 then call('ZREM', touch('x'), expiring(tbl, key)) end
  removePlaces(tbl, placesOf(row))
end
local function deleteRow(tbl, key)
  local row = call('HGET', base .. 'r' .. tbl, key)
  if row then removeRow(tbl, key, row) end
end
local function putRow(tbl, key, value, expires, places, version)
  local rows = 'r' .. tbl
  local row = call('HGET', touch(rows), key)
  call('HSET', base .. rows, key, packRow(expires, version, places, value))
  keep(rows, expires)
  if tbl ~= '' then
    local keys = touch('k' .. tbl)
    if not row then call('ZADD', keys, 0, key) end
    keep('k' .. tbl, expires)
  end
  local met = row and placesOf(row) or ''
  if met ~= places then removePlaces(tbl, met) end
  -- An index may have ended together with a row whose time is over.
  addPlaces(tbl, places, expires, row and met == places and not isOver(row))
  if expires then
    call('ZADD', touch('x'), num(expires), expiring(tbl, key))
  elseif row and struct.unpack('>d', row) > 0 then
    call('ZREM', touch('x'), expiring(tbl, key))
  end
end
`;

/** Takes out some of what is over, with each write: as much as is written, and a little more. */
export const SWEEP = `
local function sweep(limit)
  for _, name in ipairs(call('ZRANGEBYSCORE', base .. 'x', '-inf', num(now), 'LIMIT', 0, limit)) do
    local kind = sub(name, 1, 1)
    if kind == 'r' then
      local colon = string.find(name, ':', 1, true)
      local n = tonumber(sub(name, 2, colon - 1))
      deleteRow(sub(name, colon + 1, colon + n), sub(name, colon + n + 1))
    elseif kind == 'c' then
      call('HDEL', touch('c'), sub(name, 2))
    else
      forgetRanking(sub(name, 2))
    end
    call('ZREM', touch('x'), name)
  end
end
`;

export const PUT = `
local when, key, value, ttl, version, expected = arg(), arg(), arg(), arg(), arg(), arg()
local row = getRow('', key)
local fits = when == 'always' or (when == 'absent' and not row) or (when == 'version' and row and versionOf(row) == expected)
if not fits then
  if row then return { 0, versionOf(row), valueOf(row) } end
  return { 0 }
end
putRow('', key, value, expiry(ttl), '', version)
sweep(16)
finish()
return { 1 }
`;

export const DELETE = `
local key, expected = arg(), arg()
local row = getRow('', key)
if not row or (expected ~= '' and versionOf(row) ~= expected) then return 0 end
removeRow('', key, row)
sweep(16)
finish()
return 1
`;

export const GET_ROWS = `
local tbl, rows = arg(), {}
for i = 2, #ARGV do
  local row = getRow(tbl, ARGV[i])
  rows[i - 1] = row and { versionOf(row), valueOf(row) } or false
end
return rows
`;

/**
 * Members of an index are places: values, each of which says where it ends, then 00,
 * then the key (see values.ts).
 */
const PLACES = `
local tbl, index, lower, hasUpper, upper = arg(), arg(), arg(), arg(), arg()
local members = base .. (index == '' and 'k' .. tbl or 'i' .. #tbl .. ':' .. tbl .. index)
local function keyOf(place)
  if index == '' then return place end
  local i = 1
  while true do
    local kind = string.byte(place, i)
    if kind == 0 then return sub(place, i + 1) end
    if kind == 48 then i = i + 9
    elseif kind == 64 then i = string.find(place, string.char(0), i, true) + 1
    else i = i + 1 end
  end
end
local low, high = '[' .. lower, hasUpper == '1' and '(' .. upper or '+'
`;

export const SCAN = `
${PLACES}
local reverse, limit, maxBytes = arg() == '1', tonumber(arg()), tonumber(arg())
local rows, bytes, more = {}, 0, false
while not more do
  local wanted = math.min(limit - #rows + 1, 1000)
  local found
  if reverse then found = call('ZREVRANGEBYLEX', members, high, low, 'LIMIT', 0, wanted)
  else found = call('ZRANGEBYLEX', members, low, high, 'LIMIT', 0, wanted) end
  for _, place in ipairs(found) do
    local key = keyOf(place)
    local row = getRow(tbl, key)
    if row then
      if #rows == limit or bytes >= maxBytes then
        more = true
        break
      end
      local value = valueOf(row)
      rows[#rows + 1] = { key, versionOf(row), value, place }
      bytes = bytes + #value
    end
    if reverse then high = '(' .. place else low = '(' .. place end
  end
  if #found < wanted then break end
end
return { more and 1 or 0, rows }
`;

/** A scope without rows that expire has no places to leave out. */
export const COUNT_ROWS = `
${PLACES}
local most = tonumber(arg())
if call('EXISTS', base .. 'x') == 0 then return math.min(call('ZLEXCOUNT', members, low, high), most + 1) end
local count = 0
while count <= most do
  local found = call('ZRANGEBYLEX', members, low, high, 'LIMIT', 0, 1000)
  for _, place in ipairs(found) do
    if getRow(tbl, keyOf(place)) then count = count + 1 end
    low = '(' .. place
  end
  if #found < 1000 then break end
end
return math.min(count, most + 1)
`;
