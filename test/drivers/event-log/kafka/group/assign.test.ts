// How partitions are divided: evenly, one owner each, few moves, and done after a round or two
// however members come and go.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { assign } from '../../../../../drivers/event-log/kafka/group/assign.ts';

type Owners = Map<string, { owned: number[]; generation: number }>;

const membersOf = (names: readonly string[]): Owners =>
  new Map(names.map(name => [name, { owned: [], generation: -1 }]));

/**
 * What one round does: each member takes its share, and says so the next time. Returns how many
 * partitions somebody gave up.
 */
function round(members: Owners, count: number, generation: number): number {
  const shares = assign(members, count);
  const before = new Map([...members].map(([name, { owned }]) => [name, owned]));
  for (const [name, share] of shares) members.set(name, { owned: share, generation });
  const taken = [...before].map(([name, owned]) => owned.filter(each => !shares.get(name)?.includes(each)).length);
  return taken.reduce((sum, each) => sum + each, 0);
}

function settle(members: Owners, count: number, generation: number): number {
  let moved = 0;
  for (let turn = 0; turn < 3; turn++) {
    const gaveUp = round(members, count, generation + turn);
    moved += gaveUp;
    if (gaveUp === 0) break;
  }
  return moved;
}

const sharesOf = (members: Owners) => [...members.values()].map(({ owned }) => owned.length).sort((a, b) => a - b);

describe('division of partitions', () => {
  it('gives each to one member, evenly, whatever happened before', () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,3}$/), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(fc.array(names, { minLength: 1, maxLength: 6 }), fc.integer({ min: 0, max: 20 }), (lives, count) => {
        let members: Owners = new Map();
        for (const [turn, life] of lives.entries()) {
          const fresh = membersOf(life);
          members = new Map(life.map(name => [name, members.get(name) ?? fresh.get(name)!]));
          settle(members, count, turn * 10);
          const all = [...members.values()].flatMap(({ owned }) => owned).sort((a, b) => a - b);
          assert.deepEqual(
            all,
            Array.from({ length: count }, (_, index) => index),
          );
          const sizes = sharesOf(members);
          assert.ok((sizes.at(-1) ?? 0) - (sizes[0] ?? 0) <= 1, sizes.join());
        }
      }),
    );
  });

  it('never gives away what another member still has', () => {
    const claims = fc.array(fc.uniqueArray(fc.integer({ min: 0, max: 11 })), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(claims, lists => {
        const members: Owners = new Map(lists.map((owned, index) => [`m${index}`, { owned, generation: index }]));
        const shares = assign(members, 12);
        for (const [name, share] of shares) {
          for (const partition of share) {
            const claimants = [...members].filter(([, { owned }]) => owned.includes(partition));
            // Of several, the one of the latest generation has it.
            if (claimants.length > 0) assert.equal(claimants.at(-1)?.[0], name);
          }
        }
      }),
    );
  });

  it('moves no more than it must', () => {
    const members = membersOf(['a', 'b']);
    settle(members, 12, 0);
    members.set('c', { owned: [], generation: -1 });
    assert.equal(settle(members, 12, 10), 4);
    assert.deepEqual(sharesOf(members), [4, 4, 4]);
    members.delete('a');
    assert.equal(settle(members, 12, 20), 0, 'those of who left need no move of others');
    assert.deepEqual(sharesOf(members), [6, 6]);
  });

  it('gives partitions that were added to who has least', () => {
    const members = membersOf(['a', 'b']);
    settle(members, 3, 0);
    assert.equal(settle(members, 6, 10), 0);
    assert.deepEqual(sharesOf(members), [3, 3]);
  });
});
