// What gateways tell each other of features, over a real store: whole, apart by feature, and with
// an end that the others see.
import assert from 'node:assert/strict';
import { realWorld } from '../../../core/world.ts';
import { PeerGateways } from '../../../gateway/strangler/evidence/peer-gateways.ts';
import { createSharedEvidence } from '../../../server/shared/evidence-board.ts';
import { openStorage } from '../../../server/storage/open-storage.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';

const figures = { requests: 5, failed: 1, compared: 4, measured: 3, uncompared: 1, mismatched: 2, masked: 1 };
const told = (by: string, turn: number) => ({ by, turn, about: 'shadow', figures, ended: false });

describe('figures that gateways share', () => {
  let storage: NonNullable<Awaited<ReturnType<typeof openStorage>>>;

  before(async () => {
    const opened = await openStorage(realWorld, tempFolder({}));
    assert.ok(opened);
    storage = opened;
  });
  after(async () => {
    await storage.close();
    removeTempFolders();
  });

  it('are read as they were told last, each gateway once, and those of the feature alone', async () => {
    const [one, two] = [createSharedEvidence(storage.store), createSharedEvidence(storage.store)];
    await one.tell('default/shop/orders', told('a', 1), 60_000);
    await one.tell('default/shop/orders', told('a', 2), 60_000);
    await two.tell('default/shop/orders', told('b', 1), 60_000);
    await two.tell('default/shop/orders-2', told('b', 1), 60_000);
    const read = async () => (await two.read('default/shop/orders')).toSorted((x, y) => x.by.localeCompare(y.by));
    assert.deepEqual(await read(), [told('a', 2), told('b', 1)]);
    await one.close();
    assert.deepEqual(await read(), [{ ...told('a', 3), ended: true }, told('b', 1)]);
  });

  it('are not taken for none where another version wrote them', async () => {
    const board = createSharedEvidence(storage.store);
    const key = 'default/shop/users\nc';
    await storage.store.apply('stranglers', [
      { kind: 'put-row', table: 'evidence', key, value: '{"v":2}', ttlMs: 60_000 },
    ]);
    const gateway = new PeerGateways(realWorld, board, 'default/shop/users');
    await gateway.exchange('shadow', { figures }, 1_000, 60_000);
    assert.match(gateway.sum('shadow', figures).unknown ?? '', /^The gateway c has this feature elsewhere/);
  });

  it('are summed by each gateway over all', async () => {
    const gateways = [1, 2, 3].map(
      () => new PeerGateways(realWorld, createSharedEvidence(storage.store), 'default/shop/cart'),
    );
    for (const gateway of [...gateways, ...gateways]) await gateway.exchange('shadow', { figures }, 1_000, 60_000);
    for (const gateway of gateways) {
      const seen = gateway.sum('shadow', figures);
      assert.deepEqual(
        [seen.gateways, seen.unknown, seen.figures.mismatched, seen.figures.requests],
        [3, undefined, 6, 15],
      );
    }
  });
});
