// Many processes that ask Redis for slices of one budget at the same time never
// hold more than it together.
import assert from 'node:assert/strict';
import type { Store } from '../../../../drivers/store/store.ts';
import { redis } from '../../../services/redis.ts';
import { findService } from '../../../services/service.ts';
import { redisCases, untilDone } from './redis-cases.ts';

const LIMIT = 20;
const HOLDERS = 8;
const TURNS = 25;

if (findService(redis))
  describe('leases in Redis', () => {
    const cases = redisCases();

    it('of holders that all ask at once never sum to more than the limit', async () => {
      const server = await cases.redis();
      const stores: Store[] = [];
      for (let n = 0; n < HOLDERS; n++) stores.push(await cases.store(server.url));
      const [first] = stores;
      const request = { limit: LIMIT, held: 0, demand: 0, ttlMs: 20_000 };
      // As a server does that has been there for longer than a lease lives.
      await first?.lease('s', 'b', { ...request, holder: 'first', turn: 1 });
      const epoch = String(await cases.command(server, 'GET', 'tenfold:epoch')).split(' ')[0];
      await cases.command(server, 'SET', 'tenfold:epoch', `${epoch} 1`);

      const holding = new Map<number, number>();
      let most = 0;
      const live = async (store: Store, holder: number) => {
        for (let turn = 1; turn <= TURNS; turn++) {
          const demand = ((holder + turn) * 7) % 12;
          // Gives some up first, as a holder does.
          const held = Math.min(holding.get(holder) ?? 0, demand);
          holding.set(holder, held);
          const { granted } = await store.lease('s', 'b', { ...request, holder: `h${holder}`, turn, held, demand });
          holding.set(holder, granted);
          most = Math.max(
            most,
            [...holding.values()].reduce((sum, amount) => sum + amount, 0),
          );
        }
      };
      await Promise.all(stores.map(live));
      assert.ok(most <= LIMIT, `${most} were held`);
      assert.ok(most > LIMIT / 2, `only ${most} were ever held`);
      assert.ok(Number(await cases.command(server, 'PTTL', 'tenfold:{s}:lb')) > 0);
    });

    it('give out what a dead holder had, when its time is over by the server, whose key then goes, too', async () => {
      const server = await cases.redis();
      const store = await cases.store(server.url);
      const ask = (holder: string, turn: number) =>
        store.lease('s', 'b', { holder, turn, limit: 5, held: 0, demand: 5, ttlMs: 150 });
      let turn = 0;
      await untilDone(async () => assert.equal((await ask('dead', ++turn)).granted, 5));
      let next = 0;
      await untilDone(async () => assert.equal((await ask('z', ++next)).granted, 5));
      await untilDone(async () => assert.equal(await cases.command(server, 'EXISTS', 'tenfold:{s}:lb'), 0));
    });
  });
