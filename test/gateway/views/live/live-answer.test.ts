// What leads from one answer of a followed View to another: exact for any two of them, and kept
// within bounds.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { changeBetween, toAnswer } from '../../../../gateway/views/live/live-answer.ts';
import { LiveQuestion } from '../../../../gateway/views/live/live-question.ts';

const itemOf = (id: string, n: number) => ({ id, text: `"key":"${id}","value":${n}` });
const list = fc
  .uniqueArray(fc.record({ id: fc.constantFrom(...'abcdefgh'), n: fc.integer({ min: 0, max: 3 }) }), {
    selector: ({ id }) => id,
  })
  .map(drawn => drawn.map(({ id, n }) => itemOf(id, n)));

describe('answers of a followed View', () => {
  it('become one another by what was removed and placed, in whatever order they are', () => {
    fc.assert(
      fc.property(list, list, (one, two) => {
        const [from, to] = [toAnswer(one, false), toAnswer(two, false)];
        const { removed, placed } = changeBetween(from, to);
        const gone = new Set([...removed, ...placed.map(({ item }) => item.id)]);
        const items = from.items.filter(({ id }) => !gone.has(id));
        for (const { at, item } of placed) items.splice(at, 0, item);
        assert.deepEqual(items, to.items);
        assert.ok(
          removed.every(id => one.some(item => item.id === id)),
          'nothing else is named',
        );
      }),
    );
  });

  it('have the same name when they are the same, and else another one', () => {
    const { digest } = toAnswer([itemOf('a', 1), itemOf('b', 1)], false);
    assert.equal(toAnswer([itemOf('a', 1), itemOf('b', 1)], false).digest, digest);
    for (const other of [
      toAnswer([itemOf('b', 1), itemOf('a', 1)], false),
      toAnswer([itemOf('a', 1)], false),
      toAnswer([itemOf('a', 1), itemOf('b', 1)], true),
    ])
      assert.notEqual(other.digest, digest);
  });

  it('are kept for a while: who has a former one gets the change, who has an older one all and the reason', () => {
    const of = new LiveQuestion({ kind: 'top', limit: 3 });
    const digests = Array.from({ length: 100 }, (_, n) => {
      of.become([itemOf('a', n)], false, n);
      return of.answer?.digest;
    });
    const told = (digest: string | undefined) => of.eventFor(digest)?.event.toString() ?? '';
    assert.equal(of.eventFor(digests[99]), undefined);
    assert.match(
      told(digests[98]),
      /^event: change\nid: \S+\ndata: \{"removed":\[\],"items":\[\{"at":0,"key":"a","value":99\}\]/,
    );
    assert.match(told(digests[40]), /^event: change/);
    assert.match(told(digests[30]), /^event: rows\n.*\ndata: \{"reason":"The rows are others/);
    assert.match(told(undefined), /^event: rows\n.*\ndata: \{"items":/);
    of.become([itemOf('a', 100)], false, 200_000);
    assert.match(told(digests[99]), /^event: rows/);
  });
});
