// Rates of totals that are looked at now and then: of how long they are, and what a restart does.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Flows } from '../../../admin/graph/flows.ts';

describe('rates on the edges of the graph', () => {
  const see = (flows: Flows, at: number, total: number, errors = 0) => {
    const flow = flows.observe('edge', { at, total, errors }, 'platform');
    flows.round();
    return flow;
  };

  it('are known from the second look on, and say since when', () => {
    const flows = new Flows();
    assert.deepEqual(see(flows, 0, 100), { total: 100, errors: 0, covers: 'platform' });
    assert.equal(see(flows, 500, 200).perSecond, undefined);
    const { perSecond, errorsPerSecond, since } = see(flows, 10_000, 300, 20);
    assert.deepEqual([perSecond, errorsPerSecond, since], [20, 2, '1970-01-01T00:00:00.000Z']);
  });

  it('are of the last one to two minutes', () => {
    const flows = new Flows();
    for (let second = 0; second <= 600; second += 5) see(flows, second * 1000, second < 400 ? 0 : (second - 400) * 10);
    assert.equal(see(flows, 605_000, 2_050).perSecond, 10);
  });

  it('begin anew when a process has started anew, and when an edge was not there', () => {
    const flows = new Flows();
    see(flows, 0, 100);
    assert.equal(see(flows, 10_000, 5).perSecond, undefined);
    assert.equal(see(flows, 20_000, 15).perSecond, 1);
    flows.round();
    assert.equal(see(flows, 30_000, 25).perSecond, undefined);
  });

  it('are never negative (property)', () => {
    const step = fc.record({ ms: fc.nat(90_000), total: fc.nat(1_000), errors: fc.nat(1_000) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), steps => {
        const flows = new Flows();
        let at = 0;
        for (const { ms, total, errors } of steps) {
          at += ms;
          const { perSecond = 0, errorsPerSecond = 0 } = see(flows, at, total, errors);
          assert.ok(perSecond >= 0 && errorsPerSecond >= 0);
        }
      }),
    );
  });
});
