// Lets the event plane call what the gateway's plan in force calls: the same functions, under the
// same limits and breakers.
import { Readable } from 'node:stream';
import { TenfoldError } from '../../core/errors.ts';
import { childContext } from '../../core/trace-context.ts';
import { MAX_INTERNAL_TIMEOUT_MS } from '../../core/wire.ts';
import type { World } from '../../core/world.ts';
import type { Target } from '../../gateway/exchange/target.ts';
import { callTarget } from '../../gateway/upstream/buffered-call.ts';
import type { Caller } from '../../worker/deliver/caller.ts';

export interface CallerInit {
  /** For people: `function orders`. */
  readonly label: string;
  /**
   * Asked for every call, as the plan may have changed; undefined when it is not there (any more).
   */
  target(): Target | undefined;
  /** The time limit of the called function, milliseconds. */
  timeoutMs(): number | undefined;
  /**
   * How long a call that is made now may wait for its turn before that,
   * milliseconds. None when left out.
   */
  waitMs?(called: Target): number | undefined;
}

export function createCaller(world: World, { label, target, timeoutMs, waitMs }: CallerInit): Caller {
  return {
    label,
    async call(request, signal) {
      const called = target();
      if (called === undefined) {
        throw new TenfoldError('unknown-function', `There is no ${label} at the moment.`, { retryAfterSeconds: 5 });
      }
      const {
        method,
        path,
        headers,
        body,
        stream,
        trace = childContext(undefined),
        maxAnswerBytes,
        priority,
        party,
        asksAlone,
      } = request;
      const limitMs = Math.min(request.timeoutMs ?? Number.POSITIVE_INFINITY, timeoutMs() ?? MAX_INTERNAL_TIMEOUT_MS);
      const answer = await callTarget(world, called, {
        method,
        path,
        headers,
        body: stream === undefined ? body : Readable.from(stream, { objectMode: false }),
        trace,
        timeoutMs: limitMs + (waitMs?.(called) ?? 0),
        maxBody: maxAnswerBytes,
        signal,
        priority,
        party,
        asksAlone,
        workMs: limitMs,
      });
      return { status: answer.status, headers: answer.fields, body: answer.body };
    },
  };
}
