// The source of a Topic while things die: Postgres under load, a process between the log and the
// table, and one that nobody hears of any more. Nothing may be lost, and no key change its order.
import assert from 'node:assert/strict';
import { realWorld } from '../../../../core/world.ts';
import type { OutboxReader } from '../../../../drivers/outbox/outbox.ts';
import { eventually } from '../../../eventually.ts';
import { createFakeStore } from '../../../fakes/fake-store.ts';
import { type PostgresServer, postgres, startPostgres } from '../../../services/postgres.ts';
import { canStart } from '../../../services/service.ts';
import { createOutbox, firstsByKey } from './outbox-harness.ts';

type Outbox = Awaited<ReturnType<typeof createOutbox>>;

if (canStart(postgres))
  describe('an outbox table while processes are killed', function () {
    this.timeout(600_000);
    let server: PostgresServer;
    let outbox: Outbox;
    before(async () => {
      server = await startPostgres();
    });
    after(() => server.stop());
    beforeEach(async () => {
      outbox = await createOutbox(server.url, ', batch: 40');
    });
    afterEach(() => outbox.close());

    /** Rows that were committed, of each key those that came first before. */
    const fill = async (from: number, to: number) => {
      const insert = `INSERT INTO ${outbox.table} (k, data) SELECT 'key-' || n % 7, n::text FROM generate_series($1::int, $2::int) n`;
      await outbox.client.query(insert, [from, to]);
    };
    const isWhole = (count: number) => {
      const firsts = firstsByKey(outbox.events());
      assert.equal([...firsts.values()].flat().length, count);
      for (const [key, texts] of firsts)
        assert.ok(
          texts.every((text, at) => at === 0 || Number(texts[at - 1]) < Number(text)),
          `${key}`,
        );
    };

    it('loses nothing while Postgres is killed and started again', async () => {
      const relay = outbox.start();
      let filled = 0;
      for (let round = 0; round < 3; round++) {
        await fill(filled + 1, filled + 2_000);
        filled += 2_000;
        const reached = filled - 1_500;
        await eventually(() => relay.figures.read >= reached, 'it is in the midst of the rows');
        await server.kill();
        await eventually(() => relay.figures.state === 'failing', 'it is told that the database is away');
        assert.match(relay.figures.lastError ?? '', /The database 127\.0\.0\.1:\d+\/postgres cannot be used/);
        await server.start();
        await outbox.reconnect();
      }
      await eventually(async () => (await outbox.left()) === 0, 'the table is empty');
      isWhole(filled);
    });

    it('repeats events with their ids when a process dies between the log and the table', async () => {
      const store = createFakeStore(realWorld);
      await fill(1, 500);
      const dying = outbox.start({ id: 'dying', store, wrap: dyingAfter(3) });
      await eventually(() => dying.figures.failures.other === 1, 'it has died');
      void dying.close(0);
      outbox.start({ id: 'next', store });
      await eventually(async () => (await outbox.left()) === 0, 'the table is empty');
      assert.ok(outbox.events().length > 500, 'some are there twice');
      isWhole(500);
    });

    it('is taken over from a process that stands still', async () => {
      let ahead = 0;
      const store = createFakeStore({ now: () => realWorld.now() + ahead });
      await fill(1, 100);
      const standing = Promise.withResolvers<undefined>();
      const standStill = (reader: OutboxReader) => ({ ...bound(reader), read: () => standing.promise });
      const still = outbox.start({ id: 'still', store, wrap: standStill });
      await eventually(() => store.entries.size > 0, 'it has the claim');
      const next = outbox.start({ id: 'next', store });
      await eventually(() => next.figures.state === 'standby', 'the other one waits for it');
      ahead = 15_000;
      await eventually(async () => (await outbox.left()) === 0, 'the table is empty');
      standing.resolve(undefined);
      await eventually(() => still.figures.state !== 'running', 'the first one has noticed');
      assert.equal(outbox.events().length, 100);
    });
  });

/** The process has appended its third batch, and dies. */
function dyingAfter(reads: number): (reader: OutboxReader) => OutboxReader {
  let left = reads;
  return reader => ({
    ...bound(reader),
    read: (look, hand) =>
      reader.read(look, async rows => {
        const ids = await hand(rows);
        if (--left === 0) throw new Error('It has died.');
        return ids;
      }),
  });
}

function bound(reader: OutboxReader): OutboxReader {
  return {
    read: (look, hand) => reader.read(look, hand),
    waiting: most => reader.waiting(most),
    listen: heard => reader.listen(heard),
    close: () => reader.close(),
  };
}
