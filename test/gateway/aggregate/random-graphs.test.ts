// Random graphs of parts with random services under fake time: what must hold for every one of
// them, and what a model expects.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ok, type Reply, reset, scriptParts, status } from './scripted-parts.ts';

interface Service {
  readonly kind: 'ok' | 'busy' | 'missing' | 'reset' | 'garbage' | 'never';
  readonly afterMs: number;
}

interface RandomPart {
  /** Earlier parts, by index. */
  readonly inputs: readonly number[];
  readonly condition: number | undefined;
  readonly required: boolean;
  readonly fallback: boolean;
  readonly timeoutMs: number | undefined;
  readonly hedges: number;
  /** Calls in all that a retry makes of one. */
  readonly attempts: number;
  readonly services: readonly Service[];
}

const DEADLINE_MS = 300;
const HEDGE_MS = 20;
/** Three quarters of the longest pause, as the random numbers of the fake world are all 0.5. */
const PAUSE_MS = 6;

const service = fc.record<Service>({
  kind: fc.constantFrom('ok', 'ok', 'ok', 'busy', 'missing', 'reset', 'garbage', 'never'),
  afterMs: fc.nat({ max: 25 }).map(tens => tens * 10),
});

const graph = fc.integer({ min: 1, max: 7 }).chain(size =>
  fc.tuple(
    ...Array.from({ length: size }, (_, index) =>
      fc.record<RandomPart>({
        inputs: index === 0 ? fc.constant([]) : fc.uniqueArray(fc.nat({ max: index - 1 }), { maxLength: 2 }),
        condition: index === 0 ? fc.constant(undefined) : fc.option(fc.nat({ max: index - 1 }), { nil: undefined }),
        required: fc.boolean(),
        fallback: fc.boolean(),
        timeoutMs: fc.constantFrom(undefined, undefined, 35, 155),
        hedges: fc.constantFrom(0, 0, 1, 2),
        attempts: fc.constantFrom(1, 1, 2),
        services: fc.array(service, { minLength: 6, maxLength: 6 }),
      }),
    ),
  ),
);

/**
 * Every latency differs from every other and from every timer, so that nothing
 * happens at the same moment.
 */
const latency = (part: number, nth: number, { afterMs }: Service) => afterMs + 3 + part * 0.137 + nth * 0.0113;

function toSpec(parts: readonly RandomPart[]) {
  const entries = parts.map((part, index) => [
    `p${index}`,
    {
      to: { function: `p${index}` },
      path: `/x?${part.inputs.map(input => `v=\${p${input}.body.v}`).join('&')}`,
      required: part.required,
      ...(part.condition === undefined ? {} : { when: `\${p${part.condition}.status == 200}` }),
      ...(part.fallback ? { fallback: { v: -1 } } : {}),
      ...(part.timeoutMs === undefined ? {} : { timeout: `${part.timeoutMs}ms` }),
      ...(part.attempts === 1
        ? {}
        : { retry: { attempts: part.attempts, on: ['503'], initial: `${(PAUSE_MS * 4) / 3}ms` } }),
      ...(part.hedges === 0 ? {} : { hedge: { after: `${HEDGE_MS}ms`, max: part.hedges } }),
    },
  ]);
  const body = parts.map((_, index) => `\${p${index}.body}`);
  return { timeout: `${DEADLINE_MS}ms`, parts: Object.fromEntries(entries), response: { body } };
}

interface Expected {
  readonly outcome: string;
  readonly reason: string | undefined;
  readonly status: number;
  readonly at: number;
  readonly lost: boolean;
}

interface Try {
  readonly starts: number;
  readonly ends: number;
  readonly kind: Service['kind'];
}

/**
 * What becomes of one race of calls: when it ends, and how. Services are asked in the order
 * in which their calls begin.
 */
function race(part: RandomPart, index: number, began: number, limit: number): { at: number; kind: Service['kind'] } {
  const due = Array.from({ length: 1 + part.hedges }, (_, nth) => ({ at: began + nth * HEDGE_MS, attempt: 1 }));
  const tries: Try[] = [];
  const deadline = began + Math.max(1, Math.round(limit - began));
  let running = 0;
  let end = { at: Number.POSITIVE_INFINITY, kind: 'never' as Service['kind'] };
  const events = () => Math.min(...due.map(({ at }) => at), ...open.map(({ ends }) => ends));
  const open: (Try & { attempt: number })[] = [];
  for (let now = events(); Number.isFinite(now); now = events()) {
    const next = due.findIndex(({ at }) => at === now);
    if (next !== -1) {
      const [{ attempt }] = due.splice(next, 1) as [{ at: number; attempt: number }];
      const nth = tries.length;
      const service = part.services[nth]!;
      const ends = service.kind === 'never' ? Number.POSITIVE_INFINITY : now + latency(index, nth, service);
      const started = { starts: now, ends, kind: service.kind, attempt };
      tries.push(started);
      open.push(started);
      if (attempt === 1) running++;
      continue;
    }
    const [ended] = open.splice(
      open.findIndex(({ ends }) => ends === now),
      1,
    );
    if (!ended) break;
    const inTime = PAUSE_MS < Math.max(1, Math.round(deadline - now));
    if (ended.kind === 'busy' && ended.attempt < part.attempts && inTime) {
      due.push({ at: now + PAUSE_MS, attempt: ended.attempt + 1 });
      continue;
    }
    if (ended.kind !== 'ok' && ended.kind !== 'missing' && --running > 0) continue;
    end = { at: now, kind: ended.kind };
    break;
  }
  return end;
}

const REASONS = {
  busy: 'busy',
  missing: 'not-found',
  reset: 'no-answer',
  garbage: 'no-answer',
  never: 'timeout',
  ok: undefined,
};
const STATUSES: Partial<Record<Service['kind'], number>> = { busy: 503, missing: 404, ok: 200 };

function model(parts: readonly RandomPart[]): Expected[] {
  const results: Expected[] = [];
  for (const [index, part] of parts.entries()) {
    const waited = [...part.inputs, ...(part.condition === undefined ? [] : [part.condition])];
    const begins = Math.max(0, ...waited.map(each => results[each]?.at ?? 0));
    const skip: Expected = { outcome: 'skipped', reason: 'condition', status: 0, at: begins, lost: false };
    const fail = (reason: string, at: number, code = 0): Expected =>
      part.fallback
        ? { outcome: 'fallback', reason, status: code, at, lost: false }
        : { outcome: reason === 'input' ? 'skipped' : 'failed', reason, status: code, at, lost: true };
    const inputs = part.inputs.map(each => results[each]!);
    const absent = inputs.filter(({ outcome }) => outcome === 'failed' || outcome === 'skipped');
    if (begins >= DEADLINE_MS) results.push(fail('timeout', DEADLINE_MS));
    else if (part.condition !== undefined && results[part.condition]?.status !== 200) results.push(skip);
    else if (absent.some(({ reason }) => reason === 'condition')) results.push(skip);
    else if (absent.length > 0) results.push(fail('input', begins));
    else {
      const limit = Math.min(DEADLINE_MS, begins + (part.timeoutMs ?? DEADLINE_MS));
      const { at, kind } = race(part, index, begins, limit);
      if (at >= limit) results.push(fail('timeout', limit));
      else if (kind === 'ok') results.push({ outcome: 'ok', reason: undefined, status: 200, at, lost: false });
      else results.push(fail(REASONS[kind] ?? '', at, kind === 'reset' || kind === 'garbage' ? 0 : STATUSES[kind]));
    }
  }
  return results;
}

function toReply(part: number, nth: number, each: Service): Reply {
  const afterMs = latency(part, nth, each);
  switch (each.kind) {
    case 'ok':
      return ok(afterMs, { v: part });
    case 'busy':
      return status(afterMs, 503);
    case 'missing':
      return status(afterMs, 404);
    case 'garbage':
      return { afterMs, kind: { status: 200, body: '{"v":' } };
    case 'reset':
      return reset(afterMs);
    case 'never':
      return { afterMs, kind: 'never' };
  }
}

describe('PartsRun over random graphs', () => {
  it('calls parts only after their inputs, never after the deadline, at most once per attempt and hedge, and ends as the model does', async () => {
    await fc.assert(
      fc.asyncProperty(graph, async parts => {
        const scripted = scriptParts(toSpec(parts), (name, nth) => {
          const index = Number(name.slice(1));
          return toReply(index, nth, parts[index]!.services[nth]!);
        });
        const outcome = scripted.run();
        await scripted.world.pass(DEADLINE_MS + 1000);

        const expected = model(parts);
        const lostAt = Math.min(
          ...expected.filter(({ lost }, index) => lost && parts[index]!.required).map(({ at }) => at),
        );
        const failed = Number.isFinite(lostAt);
        const endsAt = failed ? lostAt : Math.max(...expected.map(({ at }) => at));
        assert.ok(
          Math.abs((outcome.doneAt ?? Number.NaN) - endsAt) < 0.001,
          `done at ${outcome.doneAt}, not ${endsAt}`,
        );

        for (const { part, at } of scripted.started) {
          const index = Number(part.slice(1));
          const { inputs, condition } = parts[index]!;
          for (const other of [...inputs, ...(condition === undefined ? [] : [condition])]) {
            assert.ok(at >= expected[other]!.at - 0.001, `${part} began before p${other} was there`);
          }
          assert.ok(at < DEADLINE_MS, `${part} began after the deadline`);
          assert.ok(at <= endsAt + 0.001, `${part} began after the end`);
        }
        for (const [index, part] of parts.entries()) {
          const calls = scripted.started.filter(each => each.part === `p${index}`);
          assert.ok(calls.length <= (1 + part.hedges) * part.attempts, `p${index} was called ${calls.length} times`);
          for (const { call } of calls) assert.ok(call.ended, `a call of p${index} was left behind`);
          const result = outcome.run.results[index];
          if (failed && expected[index]!.at >= lostAt - 0.001) continue;
          assert.deepEqual(
            { outcome: result?.outcome, reason: result?.reason },
            { outcome: expected[index]!.outcome, reason: expected[index]!.reason },
            `p${index}`,
          );
        }
      }),
      { numRuns: 300 },
    );
  });
});
