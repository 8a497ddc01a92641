// Lets the event plane call what the gateway's plan in force calls: the same functions, under the
// same limits and breakers.
import { Readable } from 'node:stream';
import type { CallerKind } from '../../core/caller-kind.ts';
import { openCauses } from '../../core/cause.ts';
import { TenfoldError } from '../../core/errors.ts';
import { childContext } from '../../core/trace-context.ts';
import { CAUSE_HEADER, MAX_INTERNAL_TIMEOUT_MS } from '../../core/wire.ts';
import type { World } from '../../core/world.ts';
import type { Target } from '../../gateway/exchange/target.ts';
import { callTarget, fieldOfAnswer } from '../../gateway/upstream/buffered-call.ts';
import type { Caller } from '../../worker/deliver/caller.ts';

export interface CallerInit {
  /** The part of the platform that calls, for the metrics. */
  readonly by?: CallerKind | undefined;
  /** The key with which the target, a Function, seals why it failed. Other targets have none. */
  readonly causeKey?: (() => Uint8Array) | undefined;
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

export function createCaller(world: World, init: CallerInit): Caller {
  const { by, causeKey, label, target, timeoutMs, waitMs } = init;
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
        by,
      });
      const plain = { status: answer.status, headers: answer.fields, body: answer.body };
      const sealed = causeKey && fieldOfAnswer(answer, CAUSE_HEADER);
      return sealed ? { ...plain, causes: openCauses(causeKey(), sealed) } : plain;
    },
  };
}
