// The protection of a service from its callers, and of callers from a slow service: limits, circuit
// breaker, hedge, cache.
import * as z from 'zod';
import { parseDuration } from '../../../core/units/duration.ts';
import { withMarks } from '../fields/marks.ts';
import { headerName } from '../fields/names.ts';
import { duration, percent, rate } from '../fields/units.ts';

export function circuitBreaker() {
  return z.strictObject({
    errorRate: percent()
      .prefault('50%')
      .describe('The breaker opens when at least this share of the calls in the window failed.'),
    window: duration({ min: '1s', max: '10m' }).prefault('10s').describe('Time over which failures are counted.'),
    minimum: z
      .int()
      .min(1)
      .max(1_000_000)
      .prefault(20)
      .describe('Calls that the window must hold before the breaker may open.'),
    open: duration({ min: '100ms', max: '10m' })
      .prefault('5s')
      .describe('How long the breaker stays open before it lets probes through.'),
    probes: z
      .int()
      .min(1)
      .max(100)
      .prefault(1)
      .describe('Calls let through at a time while the breaker tries whether the service is back.'),
  });
}

export function healthCheck() {
  const wrong = 'This must be a path that begins with "/", such as /healthz.';
  const path = z
    .string(wrong)
    .max(1024, wrong)
    .regex(/^\/[!-~]*$/, wrong);
  return z.strictObject({
    path: withMarks(path, { typeName: 'path' })
      .prefault('/')
      .describe('Path of the host that is asked by GET; an answer from 200 to 399 is a good one.'),
    interval: duration({ min: '100ms', max: '1h' }).prefault('10s').describe('Time between two checks.'),
    timeout: duration({ min: '1ms', max: '1m' }).prefault('2s').describe('Longest time that an answer may take.'),
    unhealthy: z
      .int()
      .min(1)
      .max(100)
      .prefault(3)
      .describe('Failed checks in a row after which nothing is sent there.'),
    healthy: z.int().min(1).max(100).prefault(2).describe('Good checks in a row after which calls go there again.'),
  });
}

export function limits() {
  return z.strictObject({
    concurrency: z
      .int()
      .min(1)
      .max(1_000_000)
      .optional()
      .describe('Calls in flight at any moment, over all instances and all callers. Without it there is no limit.'),
    rate: rate()
      .optional()
      .describe('Calls started per period, over all instances and all callers. Without it there is no limit.'),
    waiting: z
      .int()
      .min(0)
      .max(1_000_000)
      .prefault(1000)
      .describe(
        'Requests that may wait in one process when the limit is reached. Callers take turns; beyond, the newest of the caller with the most is answered 503 with Retry-After.',
      ),
    maxWait: duration({ max: '15m' }).prefault('10s').describe('Longest time that a request waits for its turn.'),
  });
}

export function hedge() {
  const wrong = 'This must be a duration such as 50ms, or a percentile of recent latencies such as p95.';
  const after = z
    .string(wrong)
    .max(32, wrong)
    .regex(/^(p[1-9][0-9]|([0-9]+(\.[0-9]+)?(ms|s|m|h|d))+)$/, wrong)
    .transform(text =>
      text.startsWith('p') ? { percentile: Number(text.slice(1)) / 100 } : { ms: parseDuration(text) ?? 0 },
    );
  return z.strictObject({
    after: withMarks(after, { typeName: 'duration or percentile' })
      .prefault('p95')
      .describe(
        'A second call is made when the first has not answered after this time; the first answer wins. Only for safe methods.',
      ),
    max: z.int().min(1).max(3).prefault(1).describe('Further calls that may be made.'),
  });
}

export function cache() {
  return z.strictObject({
    ttl: duration({ max: '365d' }).describe(
      'How long an answer is fresh. An answer that allows less is kept for less.',
    ),
    staleWhileRevalidate: duration({ max: '365d' })
      .prefault('0s')
      .describe('How long after that it is still served while it is fetched anew in the background (RFC 5861).'),
    staleIfError: duration({ max: '365d' })
      .prefault('0s')
      .describe('How long after that it is still served when fetching it fails (RFC 5861).'),
    vary: z
      .array(headerName())
      .max(16)
      .prefault([])
      .describe(
        'Request headers that make a different answer, besides Accept, Accept-Encoding, Accept-Language, Origin and those named by the Vary of the answer. The target gets these; a request with a header that is neither here nor known to be harmless is not cached.',
      ),
    perConsumer: z
      .boolean()
      .prefault(false)
      .describe(
        'Keeps answers apart by consumer and token. Without it requests with credentials are not cached, whatever header carries them. A cookie counts as a credential, even with this setting, unless the answer says `public` or `vary` names `cookie`.',
      ),
    statuses: z
      .array(z.int().min(200).max(599))
      .min(1)
      .max(32)
      .prefault([200, 203, 301, 404, 410])
      .describe('Statuses that are cached.'),
  });
}
