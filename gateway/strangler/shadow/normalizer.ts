// Has a function turn an answer into the value that is compared in place of its body. Only JSON
// with 200 is taken: with any other result the answer is not comparable.
import { TenfoldError } from '../../../core/errors.ts';
import type { TraceContext } from '../../../core/trace-context.ts';
import { SHADOW_HEADER } from '../../../core/wire.ts';
import type { World } from '../../../core/world.ts';
import type { Target } from '../../exchange/target.ts';
import { type Answer, callTarget } from '../../upstream/buffered-call.ts';
import { type ComparableAnswer, seenByNormalizer } from '../compare/compare-answers.ts';

/**
 * Rejects with `expression-failed` when the function does not take the
 * answer, or makes nothing of it.
 */
export type Normalizer = (answer: ComparableAnswer, trace: TraceContext) => Promise<ComparableAnswer>;

export interface NormalizerOptions {
  readonly world: World;
  readonly target: Target;
  readonly timeoutMs: number;
  /** Most bytes of its result. */
  readonly maxBody: number;
}

/** All other calls go first where calls wait for the limits of a function. */
const PRIORITY = 0;

export function createNormalizer({ world, target, timeoutMs, maxBody }: NormalizerOptions): Normalizer {
  return async (answer, trace) => {
    const body = Buffer.from(JSON.stringify(seenByNormalizer(answer)));
    const headers = ['content-type', 'application/json', 'content-length', String(body.length), SHADOW_HEADER, '1'];
    let made: Answer;
    try {
      made = await callTarget(world, target, {
        method: 'POST',
        path: '/',
        headers,
        body,
        trace,
        timeoutMs,
        maxBody,
        priority: PRIORITY,
      });
    } catch (cause) {
      throw failed('it gave no answer', cause);
    }
    if (made.status !== 200) throw failed(`it answered ${made.status}`);
    try {
      return { ...answer, mapped: { value: JSON.parse(made.body.toString()) } };
    } catch (cause) {
      throw failed('it answered with what is no JSON', cause);
    }
  };
}

function failed(why: string, cause?: unknown): TenfoldError {
  return new TenfoldError('expression-failed', `The normaliser of a comparison cannot be used: ${why}.`, { cause });
}
