// Leases in Redis: one text per budget, read, decided upon (lease-book.ts), and replaced only when
// it and the server are still the same.

/**
 * The marker says which server has had the scope since when. A server that the marker does not name
 * (started anew, promoted, or one that has lost everything) may have forgotten what was granted.
 * INFO's run id belongs to the process, so nothing that is replicated can bring it along.
 */
export const EPOCH = `
local function runId() return string.match(call('INFO', 'server'), 'run_id:(%w+)') end
`;

export const SERVER = `
return runId()
`;

export const READ_LEASE = `
local run, marker = runId(), call('GET', KEYS[3])
local known, since = string.match(marker or '', '^(%w+) (%S+)$')
since = tonumber(since or '')
if known ~= run or since > now then
  since = now
  call('SET', KEYS[3], run .. ' ' .. num(now))
end
return { num(now), run, num(since), call('GET', KEYS[2]) }
`;

export const WRITE_LEASE = `
local run, met, slices, ttl = arg(), arg(), arg(), arg()
if runId() ~= run or (call('GET', KEYS[2]) or '') ~= met then return 0 end
if slices == '' then call('DEL', KEYS[2]) else call('SET', KEYS[2], slices, 'PX', ttl) end
return 1
`;
