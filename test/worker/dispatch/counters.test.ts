// What a consumer counts: each attempt ends well or fails, and nothing is counted as failed
// that is not counted as tried.
// Key to the traces: `a1` is the first event with the key `a`; `'a1 b1 a2'` are three events,
// published or attempted in this order.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { done, fail, Harness } from './harness.ts';

describe('the counters of a consumer', () => {
  it('have an attempt for each failure and each delivery, whatever fails, alone or together', async () => {
    const outcome = fc.constantFrom('done', 'fails', 'refused', 'later');
    const plan = fc.record({
      outcomes: fc.array(outcome, { minLength: 1, maxLength: 20 }),
      size: fc.integer({ min: 1, max: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(plan, async ({ outcomes, size }) => {
        const harness = new Harness();
        harness.publish('a1 b1 c1 a2 b2 d1 e1 a3');
        let calls = 0;
        harness.script = () => {
          const next = outcomes[calls++ % outcomes.length];
          if (next === 'done') return done;
          if (next === 'later') return { kind: 'later', afterMs: 100, error: { message: 'busy' } } as never;
          return fail(next === 'refused' ? { retryable: false } : {});
        };
        const { dispatcher } = await harness.start(size === 1 ? {} : { batch: { size, wait: 10, maxSize: 1e6 } });
        for (let step = 0; step < 10; step++) {
          await harness.pass(2_000);
          const { attempts, failures, delivered } = dispatcher.view;
          assert.ok(failures <= attempts, `${failures} failures of ${attempts} attempts`);
          assert.equal(attempts, failures + delivered);
        }
      }),
      { numRuns: 30 },
    );
  });
});
