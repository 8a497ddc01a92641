// Asks the new side what legacy has just answered, and legacy a second time where it is known to be noisy, and compares.
import { ORIGIN_HEADER, SHADOW_HEADER } from '../../core/wire.ts';
import type { World } from '../../core/world.ts';
import { type Answer, callTarget } from '../target/buffered-call.ts';
import type { Target } from '../target/target.ts';
import {
  type ComparableAnswer,
  type CompareSettings,
  compareAnswers,
  type Difference,
  fieldValue,
  withoutNoise,
} from './compare-answers.ts';
import { decodeBody } from './decode-body.ts';
import type { Base } from './map-address.ts';
import { type ClientView, mapFields } from './map-fields.ts';
import { isSafe, type Watched } from './shadow-step.ts';

/** What is sent to a side: never more than the request that legacy got. */
export interface Copy {
  readonly target: Target;
  readonly path: string;
  readonly headers: readonly string[];
  readonly timeoutMs: number;
}

export interface ShadowCompareOptions {
  readonly world: World;
  readonly settings: CompareSettings;
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
  const { world, settings, maxBody, bases, pattern, toNew, toLegacy } = options;

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
        asker: { params: exchange.params, claims: exchange.claims ?? {}, consumer: exchange.consumer ?? '' },
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
    const example = (differences: readonly Difference[]) =>
      tally.example(differences, {
        method: exchange.method,
        path: exchange.head.path,
        pattern,
        traceId: exchange.trace.traceId,
        now: world.now(),
      });
    // Where legacy fails as well, the new side is not to blame.
    const legacyFailed = watched.status >= 500;
    const failed = !('answer' in fresh) || (fresh.answer.status >= 500 && !legacyFailed);
    tally.answered('new', failed, fresh.ms, moment);
    if (failed) {
      const got = 'answer' in fresh ? fresh.answer.status : 'no answer';
      return example([{ at: 'status', legacy: watched.status, fresh: got }]);
    }
    const client = exchange.head;
    const [one, other, noisy] = await Promise.all([
      toComparable(watched, client),
      toComparable(fresh.answer, client),
      second && 'answer' in second ? toComparable(second.answer, client) : undefined,
    ]);
    if (!one || !other) return tally.skipped('encoding');
    let differences = compareAnswers(one, other, settings);
    if (noisy && differences.length > 0) {
      const noise = compareAnswers(one, noisy, settings);
      tally.noisy(noise);
      differences = withoutNoise(differences, noise);
    } else if (toLegacy) {
      differences = differences.filter(({ at }) => !tally.wasNoisy(at));
    }
    tally.compared(differences.length === 0, moment);
    if (differences.length > 0) example(differences);
  };

  return async watched => {
    try {
      await compare(watched);
    } catch {
      watched.tally.skipped('no-answer');
    }
  };

  async function toComparable(
    answer: Pick<Answer, 'status' | 'fields' | 'body'>,
    client: ClientView,
  ): Promise<ComparableAnswer | undefined> {
    const fields = [...answer.fields];
    mapFields(fields, bases, client);
    const body = await decodeBody(answer.body, fieldValue(fields, 'content-encoding'), maxBody);
    return body && { status: answer.status, fields, body };
  }
}

/** Conditions would be answered by what each side knows of the client's copy, encodings as each side likes. */
const LEFT_OUT = new Set([
  'accept-encoding',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'range',
]);

/** The fields of a shadow request: those that legacy got, and a mark by which services know it. `keepHost`: whether Host is one of them. `origin`: where it has been. */
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
