// Asks the new side what legacy has just answered, and legacy a second time where it is known
// to be noisy, and compares.
import { TenfoldError } from '../../../core/errors.ts';
import { ORIGIN_HEADER, SHADOW_HEADER } from '../../../core/wire.ts';
import type { World } from '../../../core/world.ts';
import type { Target } from '../../exchange/target.ts';
import { type Answer, AnswerTooLarge, callTarget } from '../../upstream/buffered-call.ts';
import { type ComparableAnswer, type CompareSettings, compareAnswers, fieldValue } from '../compare/compare-answers.ts';
import { decodeBody } from '../compare/decode-body.ts';
import type { Base } from '../legacy/map-address.ts';
import { mapFields } from '../legacy/map-fields.ts';
import type { Normalizer } from './normalizer.ts';
import { isSafe, type Watched } from './shadow-step.ts';

/** The request that a side gets: never more than the request that legacy got. */
export interface Copy {
  readonly target: Target;
  readonly path: string;
  readonly headers: readonly string[];
  readonly timeoutMs: number;
}

export interface ShadowCompareOptions {
  readonly world: World;
  readonly settings: CompareSettings;
  /** Undefined: bodies are compared as they are, or by an expression of `settings`. */
  readonly normalizer: Normalizer | undefined;
  readonly maxBody: number;
  readonly bases: readonly Base[];
  /** Pattern of the route, for masked paths. */
  readonly pattern: string;
  toNew(watched: Watched): Copy;
  /** Undefined: legacy is not asked again. */
  readonly toLegacy: ((watched: Watched) => Copy) | undefined;
}

type Asked = { readonly answer: Answer; readonly ms: number } | { readonly error: unknown; readonly ms: number };

/** Never rejects: nobody waits for it. */
export function createShadowCompare(options: ShadowCompareOptions): (watched: Watched) => Promise<void> {
  const { world, settings, normalizer, maxBody, bases, pattern, toNew, toLegacy } = options;

  const ask = async (make: () => Copy, { exchange, requestBody }: Watched): Promise<Asked> => {
    const began = world.monotonic();
    try {
      const { target, path, headers, timeoutMs } = make();
      const answer = await callTarget(world, target, {
        method: exchange.method,
        path,
        headers,
        body: requestBody,
        trace: exchange.trace,
        timeoutMs,
        maxBody,
        party: exchange.party,
        asker: {
          params: exchange.request.params,
          claims: exchange.request.claims ?? {},
          consumer: exchange.request.consumer ?? '',
        },
      });
      return { answer, ms: world.monotonic() - began };
    } catch (error) {
      return { error, ms: world.monotonic() - began };
    }
  };

  const compare = async (watched: Watched): Promise<void> => {
    const { exchange, tally } = watched;
    const again = toLegacy && isSafe(exchange.method) ? ask(() => toLegacy(watched), watched) : undefined;
    const [fresh, second] = await Promise.all([ask(() => toNew(watched), watched), again]);
    const moment = world.monotonic();
    const about = {
      method: exchange.method,
      path: exchange.request.head.path,
      pattern,
      trace: exchange.trace.traceId,
      now: world.now(),
    };
    if ('error' in fresh && fresh.error instanceof AnswerTooLarge) return tally.uncompared('too-large', moment);
    // When legacy fails as well, the new side is not to blame.
    const legacyFailed = watched.status >= 500;
    const failed = !('answer' in fresh) || (fresh.answer.status >= 500 && !legacyFailed);
    tally.answered('new', failed, fresh.ms, moment);
    if (failed) return tally.failed(about, watched.status, 'answer' in fresh ? fresh.answer.status : 'no answer');
    // When legacy fails the second time, nothing is learned about how its answers vary.
    const isMeasured = second && 'answer' in second && (second.answer.status < 500 || legacyFailed);
    const [one, other, noisy] = await Promise.all([
      toComparable(watched, exchange),
      toComparable(fresh.answer, exchange),
      isMeasured ? toComparable(second.answer, exchange) : undefined,
    ]);
    if (!one || !other) return tally.uncompared('encoding', moment);
    const found = compareAnswers(one, other, settings);
    tally.compared(found, noisy && compareAnswers(one, noisy, settings), about, moment);
  };

  return async watched => {
    try {
      await compare(watched);
    } catch (error) {
      const isNormalizer = error instanceof TenfoldError && error.code === 'expression-failed';
      watched.tally.uncompared(isNormalizer ? 'normalize' : 'failed', world.monotonic());
    }
  };

  async function toComparable(
    answer: Pick<Answer, 'status' | 'fields' | 'body'>,
    { request, trace }: Watched['exchange'],
  ): Promise<ComparableAnswer | undefined> {
    const fields = [...answer.fields];
    mapFields(fields, bases, request.head);
    const body = await decodeBody(answer.body, fieldValue(fields, 'content-encoding'), maxBody);
    if (!body) return undefined;
    const comparable = { status: answer.status, fields, body };
    return normalizer && settings.body !== 'none' ? normalizer(comparable, trace) : comparable;
  }
}

/**
 * Conditions would be answered by what each side knows of the client's copy,
 * encodings as each side likes.
 */
const LEFT_OUT = new Set([
  'accept-encoding',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'range',
]);

/**
 * The fields of a shadow request: those that legacy got, and a mark by which services recognise it.
 * `keepHost`: whether Host is one of them. `origin`: the sides that it has passed.
 */
export function toShadowHeaders(headers: readonly string[], keepHost: boolean, origin?: string): string[] {
  const kept: string[] = [];
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = headers[index] ?? '';
    if (!LEFT_OUT.has(name) && (keepHost || name !== 'host')) kept.push(name, headers[index + 1] ?? '');
  }
  kept.push('accept-encoding', 'identity', SHADOW_HEADER, '1');
  if (origin !== undefined) kept.push(ORIGIN_HEADER, origin);
  return kept;
}
