// How partitions are spread: evenly, each once, and without moving more than needed.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { spread } from '../../../../drivers/event-log/sqlite/spread.ts';

describe('spreading partitions over members', () => {
  const change = fc.constantFrom('join', 'leave first', 'leave last', 'grow');

  it('gives each partition to one member, evenly, and keeps what can stay, through any changes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), fc.array(change, { maxLength: 12 }), (start, changes) => {
        let partitions = start;
        let owned: Map<string, ReadonlySet<number>> = new Map([['member 0', new Set<number>()]]);
        for (const [index, what] of ['join', ...changes].entries()) {
          const before = owned;
          owned = new Map(owned);
          if (what === 'grow') partitions += 3;
          if (what === 'join') owned.set(`member ${index + 1}`, new Set());
          if (owned.size > 1 && what === 'leave first') owned.delete([...owned.keys()][0] ?? '');
          if (owned.size > 1 && what === 'leave last') owned.delete([...owned.keys()].at(-1) ?? '');
          owned = spread(partitions, owned);
          const sizes = [...owned.values()].map(share => share.size);
          assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1, sizes.join());
          const all = [...owned.values()].flatMap(share => [...share]).sort((a, b) => a - b);
          assert.deepEqual(
            all,
            Array.from({ length: partitions }, (_, number) => number),
          );
          for (const [member, share] of owned) {
            const kept = [...(before.get(member) ?? [])].filter(number => share.has(number)).length;
            assert.ok(kept >= Math.min(share.size, before.get(member)?.size ?? 0), `${member} was moved about`);
          }
        }
      }),
    );
  });
});
