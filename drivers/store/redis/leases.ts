// Leases in Redis: read, decided by the same rules as everywhere, and written only when
// nothing has changed meanwhile.
import { TenfoldError } from '../../../core/errors.ts';
import { pauseAfter } from '../../../core/retry/backoff.ts';
import { sleep, type World } from '../../../core/world.ts';
import { assertLeaseRequest, lateTurn } from '../assert-lease.ts';
import { decideLease, type Slice } from '../lease-book.ts';
import type { Leases } from '../leases.ts';
import { assertName } from '../limits.ts';
import { listOf, maybe, numberReply, textReply } from './replies.ts';
import type { Run } from './run.ts';

/**
 * Many processes that ask for the same budget at the same moment: one of
 * them gets through each time.
 */
const TRIES = 50;
const PAUSES = { base: 5, max: 250 };

export function createLeases(run: Run, world: World): Leases {
  return {
    async lease(scope, budget, request) {
      assertName('The scope', scope);
      assertName('The budget', budget);
      assertLeaseRequest(request);
      for (let tries = 1; tries <= TRIES; tries++) {
        const [time, run_, since, kept] = listOf(await run('readLease', scope, [], budget));
        const now = numberReply(time);
        const epoch = textReply(run_);
        const text = maybe(kept, textReply) ?? '';
        // The last grant of the server before this one may live as long as the
        // one that is asked for now.
        const quietUntil = numberReply(since) + request.ttlMs;
        const { slices, grant } = decideLease(parseSlices(text), request, now, { id: epoch, quietUntil });
        if (!grant) lateTurn(request);
        const livesMs = Math.ceil(Math.max(0, ...slices.map(({ expires }) => expires)) - now);
        const next = slices.length === 0 ? '' : JSON.stringify(slices);
        if (next === '' && text === '') return grant;
        if ((await run('writeLease', scope, [epoch, text, next, String(Math.max(1, livesMs))], budget)) === 1)
          return grant;
        await sleep(world, pauseAfter(tries, PAUSES, world.random()));
      }
      throw new TenfoldError('overloaded', `Too many ask for slices of '${budget}' at the same time.`);
    },
  };
}

function parseSlices(text: string): Slice[] {
  if (text === '') return [];
  const slices: unknown = JSON.parse(text);
  return Array.isArray(slices) ? slices.filter(isSlice) : [];
}

function isSlice(slice: unknown): slice is Slice {
  if (typeof slice !== 'object' || slice === null || !('holder' in slice) || typeof slice.holder !== 'string')
    return false;
  return ['turn', 'amount', 'demand', 'limit', 'since', 'expires'].every(name =>
    Number.isFinite(Reflect.get(slice, name)),
  );
}
