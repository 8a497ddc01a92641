// Long queries of one team, however many, leave the queries of another team their turn.
import assert from 'node:assert/strict';
import { createSqlService } from '../../../server/sql/sql-service.ts';
import type { TableSource } from '../../../server/sql/sql-tables.ts';
import { openTestStorage } from '../../worker/archive/test-storage.ts';

const tableOf = (namespace: string, rows: () => Promise<void>): TableSource => ({
  kind: 'window',
  namespace,
  name: 'clicks',
  pipeline: 'clicks',
  columns: [{ name: 'n', type: 'BIGINT' }],
  async *rows() {
    await rows();
    yield { n: 1 };
  },
});

describe('SQL of several namespaces', () => {
  it('answers one while another has as many long queries as it may', async () => {
    const storage = await openTestStorage();
    try {
      const { promise: released, resolve: release } = Promise.withResolvers<void>();
      const tables = [tableOf('slow', () => released), tableOf('quick', async () => {})];
      const service = createSqlService({ world: storage.world, storage, tables: () => tables });
      const ask = async (namespace: string) => {
        const rows: unknown[] = [];
        const question = { namespace, sql: 'SELECT count(*) FROM clicks' };
        for await (const answer of service.ask(question, new AbortController().signal)) {
          if (answer.kind === 'rows') rows.push(...answer.rows.flat());
        }
        return rows.map(Number);
      };
      const slow = Array.from({ length: 4 }, () => ask('slow'));
      for (let n = 0; n < 3; n++) assert.deepEqual(await ask('quick'), [1]);
      release();
      assert.deepEqual(await Promise.all(slow), [[1], [1], [1], [1]]);
    } finally {
      await storage.close();
    }
  });
});
