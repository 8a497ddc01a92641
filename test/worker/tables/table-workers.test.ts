// Two workers that write to a table of Postgres over a real Kafka: partitions move between them,
// and each event is written once.
import assert from 'node:assert/strict';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import type { Store } from '../../../drivers/store/store.ts';
import { createClients } from '../../drivers/event-log/kafka/kafka-cases.ts';
import { temporaryFolder } from '../../drivers/sqlite/temporary-folder.ts';
import { openStore } from '../../drivers/store/sqlite/open-store.ts';
import { eventually } from '../../eventually.ts';
import { kafka } from '../../services/kafka.ts';
import { postgres } from '../../services/postgres.ts';
import { findService } from '../../services/service.ts';
import { createTable } from './table-harness.ts';

const broker = findService(kafka);
const database = findService(postgres);
const KEYS = 11;

if (broker && database)
  describe('two workers with a table over Kafka', () => {
    const clients = createClients();
    const folder = temporaryFolder();
    let store: Store;
    let log: EventLog;
    let table: Awaited<ReturnType<typeof createTable>>;
    const open = () => clients.open(broker.url().split(','));

    before(async () => {
      store = await openStore(folder.file);
      log = open();
      const sink = 'key: [id], columns: { id: "${event.data.id}", "n": "${event.data.n}" }, batch: 25';
      const columns = 'id text PRIMARY KEY, n int';
      table = await createTable(database.url(), { log, store, sink, columns, partitions: 4 });
    });
    after(async () => {
      await table.close();
      for (const topic of await log.topics()) if (topic.name.includes(table.name)) await log.deleteTopic(topic.name);
      await clients.closeAll();
      await store.close();
      folder.remove();
    });

    it('write each event once, whoever owns its partition', async () => {
      let filled = 0;
      const fill = async (count: number) => {
        const data = Array.from({ length: count }, (_, at) => ({ id: `k${(filled + at) % KEYS}`, n: filled + at }));
        await table.publish(...data);
        filled += count;
      };
      const first = await table.start();
      await fill(1_000);
      await eventually(async () => (await table.writes()) >= 200, 'the first one is in the midst');
      await table.start({ over: open() });
      await fill(1_000);
      await eventually(async () => (await table.writes()) >= 1_200, 'they share the work');
      await first.close(0);
      await fill(1_000);
      await eventually(async () => (await table.writes()) >= filled, 'all are written');
      const written = await table.query(
        `SELECT (what->>'n')::int AS n, what->>'id' AS id FROM ${table.name}_writes w ORDER BY w.n`,
      );
      assert.equal(written.length, filled, 'each once');
      assert.equal(new Set(written.map(({ n }) => n)).size, filled);
      for (const [id, list] of Map.groupBy(written, row => row['id']))
        assert.ok(
          list.every(({ n }, at) => at === 0 || Number(list[at - 1]?.['n']) < Number(n)),
          `${id} in order`,
        );
      const [sum] = await table.query(`SELECT sum(n)::int AS sum, count(*)::int AS count FROM ${table.name}`);
      const last = Array.from({ length: KEYS }, (_, at) => filled - 1 - at);
      assert.deepEqual(sum, { sum: last.reduce((total, n) => total + n, 0), count: KEYS });
    });
  });
