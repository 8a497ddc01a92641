// A table in Postgres behind a step that calls a function: results come in any order, some again,
// and the worker dies in between.
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import type { Caller } from '../../../worker/deliver/caller.ts';
import { eventually } from '../../eventually.ts';
import { postgres } from '../../services/postgres.ts';
import { findService } from '../../services/service.ts';
import { openTestStorage, type TestStorage } from '../archive/test-storage.ts';
import { createTable, dyingAfter } from './table-harness.ts';

const service = findService(postgres);
const EVENTS = 300;

/** Every seventh call fails, and each takes its own time. */
function unsteady(): Caller {
  let calls = 0;
  return {
    label: 'function enrich',
    async call({ body }) {
      const nth = ++calls;
      await pause((nth * 13) % 40);
      const headers = ['content-type', 'application/json'];
      return { status: nth % 7 === 0 ? 500 : 200, headers, body: Buffer.from(String(body)) };
    },
  };
}

if (service)
  describe('a table in Postgres behind a step that calls a function', () => {
    let storage: TestStorage;
    beforeEach(async () => {
      storage = await openTestStorage();
    });
    afterEach(() => storage.close());

    it('gets each result once', async () => {
      const { log, store } = storage;
      const table = await createTable(service.url(), {
        log,
        store,
        caller: unsteady(),
        partitions: 3,
        steps: ', steps: [{ map: { function: enrich } }]',
        columns: 'id text PRIMARY KEY, n int',
        sink: 'key: [id], columns: { id: "${event.data.id}", "n": "${event.data.n}" }, batch: 10',
      });
      try {
        await table.publish(...Array.from({ length: EVENTS }, (_, n) => ({ id: `k${n}`, n })));
        for (let death = 0; death < 3; death++) {
          const dying = await table.start({ wrap: dyingAfter(3) });
          await eventually(() => table.troubles.includes('It has died.'), 'it has died');
          table.troubles.splice(0);
          await dying.close(0);
        }
        await table.start();
        await eventually(async () => (await table.writes()) >= EVENTS, 'all are written');
        await eventually(
          async () => (await table.query(`SELECT 1 FROM ${table.name}`)).length === EVENTS,
          'all are there',
        );
        const again = await table.query(
          `SELECT what->>'n' AS n FROM ${table.name}_writes GROUP BY 1 HAVING count(*) > 1`,
        );
        assert.deepEqual(again, [], 'none was written twice');
      } finally {
        await table.close();
      }
    });
  });
