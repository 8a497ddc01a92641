// The generations of a View in the store: a row is read again only where its version has moved.
import assert from 'node:assert/strict';
import { type GenerationStore, readGenerations } from '../../../core/views/view-generations.ts';

const rowOf = (id: string) => ({
  value: Buffer.from(JSON.stringify({ serving: { id, definition: 'd', manifest: {}, sources: [], since: 1 } })),
});

describe('the generations of a View', () => {
  let version: number | undefined;
  let id: string;
  let reads: number;
  const store: GenerationStore = {
    position: async () => version,
    async row() {
      reads++;
      return rowOf(id);
    },
  };
  beforeEach(() => {
    [version, id, reads] = [5, '0123456789ab', 0];
  });

  it('are not read again while their version stands', async () => {
    const first = await readGenerations(store, 'default', 'menu');
    assert.equal(await readGenerations(store, 'default', 'menu', first), first);
    assert.equal(reads, 1);
  });

  for (const [what, moved] of [
    ['another process has changed them', 6],
    ['the store has lost its newest changes', 4],
  ] as const) {
    it(`are read again once ${what}`, async () => {
      const first = await readGenerations(store, 'default', 'menu');
      [version, id] = [moved, 'ba9876543210'];
      const next = await readGenerations(store, 'default', 'menu', first);
      assert.deepEqual([next.version, next.serving?.id], [moved, 'ba9876543210']);
    });
  }

  it('are read each time where they have no version', async () => {
    version = undefined;
    const first = await readGenerations(store, 'default', 'menu');
    await readGenerations(store, 'default', 'menu', first);
    assert.equal(reads, 2);
  });
});
