// What of a View is refused rather than ignored.
import assert from 'node:assert/strict';
import { compileEvents } from '../../../worker/plan/compile.ts';
import { resourcesOf } from '../pipelines/harness.ts';

const findings = (aggregate: string) =>
  compileEvents(
    resourcesOf(`kind: Topic; metadata: { name: orders }; spec: {}
kind: View; metadata: { name: totals }; spec: { from: [orders], aggregate: { by: "\${event.data.customer}", ${aggregate} } }`),
    { storage: true, kafka: false },
  ).findings.map(({ path, message }) => `${path.join('.')}: ${message}`);

describe('a View that adds events up is refused', () => {
  for (const [why, aggregate, finding] of [
    ['without a value', 'values: {}', 'values: A row has one value at least, such as { orders: count() }.'],
    [
      'with an index of what is no value',
      'values: { orders: count(), last: last(event.data) }, indexes: [orders, [last.total, revenue]]',
      'values: An index is over "revenue", which is no value here. Add it, or take it out of "indexes".',
    ],
  ] as const) {
    it(why, () => assert.deepEqual(findings(aggregate), [`spec.aggregate.${finding}`]));
  }

  it('not for what it can do', () => {
    const aggregate = 'values: { orders: count(), tags: "top(event.data.tag, 100)" }, indexes: [orders], ttl: 30d';
    assert.deepEqual(findings(`${aggregate}, having: "\${row.orders > 1}"`), []);
  });
});
