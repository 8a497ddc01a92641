// Compiles an Aggregate whose services do what a script says, under fake time,
// and runs it once or often.
import assert from 'node:assert/strict';
import { childContext } from '../../../core/trace-context.ts';
import { type AggregatePlan, compileAggregate } from '../../../gateway/aggregate/compile-aggregate.ts';
import type { PartResult } from '../../../gateway/aggregate/part-result.ts';
import { PartsRun } from '../../../gateway/aggregate/parts-run.ts';
import type { Call } from '../../../gateway/exchange/target.ts';
import { createVariables } from '../../../gateway/exchange/variables.ts';
import { createInstruments } from '../../../gateway/plan/instruments.ts';
import type { PlanContext } from '../../../gateway/plan/plan-context.ts';
import { createPlanStateStore } from '../../../gateway/plan/plan-state.ts';
import { answerCall } from '../../../gateway/upstream/answer-call.ts';
import { loadText } from '../../../resources/load/load-text.ts';
import { createResourceSet } from '../../../resources/resource-set.ts';
import { createFakeWorld, type FakeWorld } from '../../fakes/fake-world.ts';
import { createFakeEnvironment } from '../../fakes/plan-context.ts';

export interface Reply {
  readonly afterMs: number;
  /** `reset`: the connection ends without an answer. `never`: nothing comes. */
  readonly kind: 'reset' | 'never' | { readonly status: number; readonly body: string; readonly fields?: string[] };
}

export interface Started {
  readonly part: string;
  readonly at: number;
  readonly call: Call;
}

export interface Scripted {
  readonly world: FakeWorld;
  readonly plan: AggregatePlan;
  /** Every call in the order in which it was made, at times since the beginning. */
  readonly started: Started[];
  readonly problems: string[];
  run(options?: { deadlineMs?: number; fields?: string[]; consumer?: string }): Outcome;
}

export interface Outcome {
  readonly run: PartsRun;
  /** When it was done, undefined before. */
  doneAt: number | undefined;
  results(): Record<string, PartResult | undefined>;
}

/**
 * `reply`: what the service of a part does at its n-th call, from 0. Each part calls the
 * function of its own name.
 */
export function scriptParts(
  spec: Record<string, unknown>,
  reply: (part: string, nth: number, call: Call) => Reply,
): Scripted {
  const document = { apiVersion: 'tenfold.dev/v1alpha1', kind: 'Aggregate', metadata: { name: 'test' }, spec };
  const { resources, problems } = loadText('app.yaml', JSON.stringify(document));
  assert.deepEqual(problems, []);
  const [aggregate] = createResourceSet(resources).ofKind('Aggregate');
  assert.ok(aggregate);
  const world = createFakeWorld();
  const origin = world.monotonic();
  const started: Started[] = [];
  const reported: string[] = [];
  const context: PlanContext = {
    ...createFakeEnvironment(),
    world,
    instruments: createInstruments(),
    resources: createResourceSet(resources),
    state: createPlanStateStore().begin(),
    report: (_severity, _resource, _path, message) => reported.push(message),
    target: (_namespace, { function: part = '' }) => ({
      label: `function ${part}`,
      send(call) {
        const nth = started.filter(each => each.part === part).length;
        started.push({ part, at: world.monotonic() - origin, call });
        const { afterMs, kind } = reply(part, nth, call);
        if (kind === 'never') return;
        world.after(afterMs, () => {
          if (call.ended) return;
          if (kind === 'reset') call.fail(new Error('reset'));
          else
            answerCall(call, kind.status, kind.fields ?? ['content-type', 'application/json'], Buffer.from(kind.body));
        });
      },
    }),
  };
  const plan = compileAggregate(aggregate, context);
  return {
    world,
    plan,
    started,
    problems: reported,
    run({ deadlineMs = plan.timeoutMs, fields = [], consumer = '' } = {}) {
      const request = createVariables({
        head: { method: 'GET', path: '/', query: '?q=1', host: 'shop.example', fields },
        params: { id: '7' },
        claims: undefined,
        consumer,
        parsedBody: undefined,
      });
      const outcome: Outcome = {
        doneAt: undefined,
        results: () => Object.fromEntries(plan.parts.map(({ name }, index) => [name, outcome.run.results[index]])),
        run: new PartsRun({
          world,
          parts: plan.parts,
          request,
          readsRequest: true,
          fields,
          trace: childContext(undefined),
          deadline: world.monotonic() + deadlineMs,
          done() {
            assert.equal(outcome.doneAt, undefined, 'it is done once');
            outcome.doneAt = world.monotonic() - origin;
          },
        }),
      };
      outcome.run.start();
      return outcome;
    },
  };
}

export const ok = (afterMs: number, body: unknown = {}): Reply => ({
  afterMs,
  kind: { status: 200, body: JSON.stringify(body) },
});

export const status = (afterMs: number, code: number): Reply => ({ afterMs, kind: { status: code, body: '{}' } });

export const reset = (afterMs: number): Reply => ({ afterMs, kind: 'reset' });

export const never: Reply = { afterMs: 0, kind: 'never' };
