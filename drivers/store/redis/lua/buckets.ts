// Buckets in Redis: for each one key with the time when it is full again,
// which ends with that time.

export const TAKE = `
local answer = {}
for i = 2, #KEYS do
  local interval, burst, want = tonumber(arg()), tonumber(arg()), tonumber(arg())
  local full = tonumber(call('GET', KEYS[i]) or '') or now
  -- Nothing is that empty: the clock of the server was ahead.
  if full < now or full > now + interval * burst + 1 then full = now end
  local taken = math.min(want, floor(burst - (full - now) / interval + 1e-6))
  if taken > 0 then
    full = full + taken * interval
    call('SET', KEYS[i], num(full), 'PX', num(math.max(1, math.ceil(full - now))))
  else
    taken = 0
  end
  answer[#answer + 1] = num(taken)
  answer[#answer + 1] = num(full - now)
end
return answer
`;
