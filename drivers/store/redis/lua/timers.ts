// Timers in Redis: t when each is free, u what it carries and under which token it is taken.

export const TIMERS = `
local function packTimer(due, token, payload) return struct.pack('>dB', due, #token) .. token .. payload end
local function setTimer(name, after, payload)
  local due = now + tonumber(after)
  call('ZADD', touch('t'), num(due), name)
  call('HSET', touch('u'), name, packTimer(due, '', payload))
  keep('t', nil)
  keep('u', nil)
end
local function cancelTimer(name)
  call('ZREM', touch('t'), name)
  call('HDEL', touch('u'), name)
end
`;

export const TAKE_DUE = `
local limit, lease, nonce, maxBytes = tonumber(arg()), tonumber(arg()), arg(), tonumber(arg())
local free, timers, taken, bytes = base .. 't', base .. 'u', {}, 0
for i, name in ipairs(call('ZRANGEBYSCORE', free, '-inf', num(now), 'LIMIT', 0, limit)) do
  if bytes >= maxBytes then break end
  local timer = call('HGET', timers, name)
  local due, n = struct.unpack('>dB', timer)
  local payload, token = sub(timer, 10 + n), nonce .. '.' .. i
  call('ZADD', free, num(now + lease), name)
  call('HSET', timers, name, packTimer(due, token, payload))
  taken[#taken + 1] = { name, payload, num(now - due), token }
  bytes = bytes + #payload
end
local first = call('ZRANGE', free, 0, 0, 'WITHSCORES')
return { first[2] and num(math.max(0, tonumber(first[2]) - now)) or false, taken }
`;

export const SETTLE = `
local settled = {}
for i = 1, #ARGV, 2 do
  local timer = call('HGET', base .. 'u', ARGV[i])
  local token = ''
  if timer then
    local _, n = struct.unpack('>dB', timer)
    token = sub(timer, 10, 9 + n)
  end
  if timer and token ~= '' and token == ARGV[i + 1] then
    cancelTimer(ARGV[i])
    settled[#settled + 1] = 1
  else
    settled[#settled + 1] = 0
  end
end
finish()
return settled
`;
