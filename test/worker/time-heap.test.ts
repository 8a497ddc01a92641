// The heap of things by time gives back what was put in, earliest first.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { TimeHeap } from '../../worker/time-heap.ts';

describe('TimeHeap', () => {
  it('gives the earliest first, however adding and taking take turns', () => {
    const steps = fc.array(fc.oneof(fc.integer({ min: 0, max: 50 }), fc.constant('take' as const)), { maxLength: 200 });
    fc.assert(
      fc.property(steps, given => {
        const heap = new TimeHeap<number>();
        let expected: number[] = [];
        for (const step of given) {
          if (step === 'take') assert.equal(heap.take(), expected.shift());
          else {
            heap.add(step, step);
            expected = [...expected, step].sort((a, b) => a - b);
          }
          assert.deepEqual([heap.length, heap.next], [expected.length, expected[0] ?? Number.POSITIVE_INFINITY]);
        }
      }),
    );
  });

  it('is empty once it is cleared', () => {
    const heap = new TimeHeap<string>();
    heap.add(1, 'a');
    heap.clear();
    assert.deepEqual([heap.length, heap.next, heap.take()], [0, Number.POSITIVE_INFINITY, undefined]);
  });
});
