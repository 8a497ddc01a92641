// The state of a resource, decided from its slice of what was gathered, is that of the whole.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Gathered } from '../../../admin/gathered.ts';
import { slicesOf } from '../../../admin/live/slices.ts';
import { conditionsOf, problemsOf } from '../../../admin/resource-state.ts';
import { fakeConsumer } from '../../fakes/consumer-report.ts';
import { fakeGathered } from '../../fakes/gathered.ts';
import { fakeProblem, fakeResource } from '../../fakes/platform-view.ts';
import { fakeFeature, fakeStrangler } from '../../fakes/strangler-report.ts';
import { FAULTS } from '../diagnosis/faults.ts';

const KINDS = ['Function', 'Api', 'Strangler', 'Topic', 'Subscription', 'Queue', 'View', 'Pipeline', 'FanOut'] as const;
const namespace = fc.constantFrom('green', 'blue');
const name = fc.constantFrom('a', 'b', 'a.b', 'a.b.c');
const named = fc.record({ namespace, name });

const consumer = fc
  .record({
    at: named,
    kind: fc.constantFrom('Subscription', 'Queue', 'FanOut', 'Strangler', 'View', 'Pipeline'),
    part: fc.constantFrom('', '/splits', '/items', '.orders'),
    target: fc.constantFrom('function a', 'function b', 'url http://x'),
    parkedKeys: fc.nat(2),
    deadLetters: fc.nat(2),
  })
  .map(({ at, kind, part, ...more }) =>
    fakeConsumer(at.name + part, { namespace: at.namespace, kind: kind as 'Queue', ...more }),
  );
const file = fc.constantFrom('one.yaml', 'two.yaml');
const problem = fc.record({ file, line: fc.nat(40) }).map(at => fakeProblem(at));
const resource = fc
  .record({ at: named, kind: fc.constantFrom(...KINDS), file, line: fc.nat(40) })
  .map(({ at, kind, file, line }) =>
    fakeResource(kind, at.name, { namespace: at.namespace, origin: { file, line, column: 1 } }),
  );
const anything: fc.Arbitrary<Gathered> = fc
  .record({
    resources: fc.array(resource, { maxLength: 8 }),
    problems: fc.array(problem, { maxLength: 3 }),
    consumers: fc.option(fc.array(consumer, { maxLength: 6 }), { nil: undefined }),
    topics: fc.option(fc.constant([]), { nil: undefined }),
    functions: fc.array(
      named.map(at => ({ ...at, state: 'available' as const, instances: 1, inFlight: 0, waiting: 0, restarts: 0 })),
      { maxLength: 3 },
    ),
    routes: fc.array(
      fc.record({ at: named, kind: fc.constantFrom('Api', 'Strangler') }).map(({ at, kind }) => ({
        ...at,
        ...{ kind, methods: [], host: undefined, path: '/', conditions: [], target: 'function a', listeners: [] },
      })),
      { maxLength: 4 },
    ),
    stranglers: fc.array(
      named.map(at => fakeStrangler(at.name, [fakeFeature('orders')], at.namespace)),
      { maxLength: 2 },
    ),
    disk: fc.constantFrom([], ['The disk is full.']),
  })
  .map(more => fakeGathered(more));

function assertSame(gathered: Gathered): void {
  const sliceOf = slicesOf(gathered);
  for (const each of gathered.resources) {
    assert.deepEqual(conditionsOf(each, sliceOf(each)), conditionsOf(each, gathered));
    assert.deepEqual(problemsOf(each, sliceOf(each)), problemsOf(each, gathered));
  }
}

describe('slices of what was gathered', () => {
  it('decide as the whole does (property)', () => {
    fc.assert(fc.property(anything, assertSame), { numRuns: 500 });
  });

  for (const { what, gathered } of FAULTS) {
    it(`show that ${what}`, () => {
      const resources = KINDS.flatMap(kind =>
        ['wall', 'imports', 'menu', 'orders', 'revenue', 'stats', 'shop'].map(each => fakeResource(kind, each)),
      );
      assertSame(fakeGathered({ resources, ...gathered }));
    });
  }
});
