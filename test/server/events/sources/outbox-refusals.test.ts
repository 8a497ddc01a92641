// Bounds of what an outbox may hold up: one record that the log refuses, too many rows that become
// no event, rows without an id, and a process that stood still before its append.
import assert from 'node:assert/strict';
import { TenfoldError } from '../../../../core/errors.ts';
import { realWorld } from '../../../../core/world.ts';
import { eventually } from '../../../eventually.ts';
import { postgres } from '../../../services/postgres.ts';
import { findService } from '../../../services/service.ts';
import { createOutbox } from './outbox-harness.ts';

const service = findService(postgres);

if (service)
  describe('an outbox table with rows that cannot be taken', () => {
    let outbox: Awaited<ReturnType<typeof createOutbox>>;
    beforeEach(async () => {
      outbox = await createOutbox(service.url());
    });
    afterEach(() => outbox.close());

    it('goes on past a record that the log refuses, in the same order', async () => {
      outbox.log.before = async (_topic, records) => {
        if (!records.some(({ value }) => Buffer.from(value).includes('large'))) return;
        throw new TenfoldError('body-too-large', 'The log takes less.');
      };
      await outbox.insert(['a', '1'], ['a', '"large"'], ['a', '3']);
      const relay = outbox.start();
      await eventually(() => relay.figures.waiting === 1, 'all were seen');
      assert.deepEqual(
        outbox.events().map(({ text }) => text),
        ['1', '3'],
      );
      assert.deepEqual(outbox.asides, [{ id: '2', refusal: 'size', message: 'The log takes less.' }]);
      assert.equal(await outbox.left(), 1);
    });

    it('stops where 1,000 rows become no event, and goes on once they are gone', async () => {
      const { client, table } = outbox;
      await client.query(`INSERT INTO ${table} (data) SELECT '1' FROM generate_series(1, 1000)`);
      await outbox.insert(['a', '"behind them"']);
      const relay = outbox.start();
      await eventually(() => relay.figures.state === 'failing', 'it stops');
      assert.match(relay.figures.lastError ?? '', /^1000 rows of the table "\w+" become no event, the first is "1"/);
      assert.equal(outbox.asides.length, 1_000);
      assert.deepEqual(outbox.events(), []);
      await client.query(`DELETE FROM ${table} WHERE k IS NULL`);
      await eventually(() => outbox.events().length === 1, 'the row behind them is read');
      assert.equal(outbox.asides.length, 1_000, 'each was told once');
    });

    it('is refused where a row may have no id', async () => {
      const { client, table } = outbox;
      await client.query(`ALTER TABLE ${table} DROP CONSTRAINT ${table}_pkey`);
      await client.query(`ALTER TABLE ${table} DROP COLUMN id, ADD COLUMN id int UNIQUE`);
      const relay = outbox.start();
      await eventually(() => /ALTER COLUMN id SET NOT NULL/.test(relay.figures.lastError ?? ''), 'it says so');
    });

    it('ends within its grace while the log does not answer', async () => {
      const asked = Promise.withResolvers<void>();
      outbox.log.before = () => {
        asked.resolve();
        return new Promise(() => {});
      };
      await outbox.insert(['a', '1']);
      const relay = outbox.start();
      await asked.promise;
      await relay.close(20);
      assert.equal(await outbox.left(), 1);
    });

    it('appends nothing that was read a minute ago', async () => {
      let ahead = 0;
      const world = { ...realWorld, monotonic: () => realWorld.monotonic() + ahead };
      await outbox.insert(['a', '1']);
      const relay = outbox.start({
        world,
        wrap: reader => ({
          waiting: most => reader.waiting(most),
          listen: heard => reader.listen(heard),
          close: () => reader.close(),
          read: (look, hand) =>
            reader.read(look, rows => {
              // Once: the process stands still between the read and the append.
              if (ahead === 0) ahead = 60_000;
              return hand(rows);
            }),
        }),
      });
      await eventually(() => relay.figures.failures.log === 1, 'it reads them again');
      await eventually(() => outbox.events().length === 1, 'it is appended then');
      assert.equal(outbox.troubles.length, 1);
      assert.match(outbox.troubles[0] ?? '', /read too long ago/);
    });
  });
