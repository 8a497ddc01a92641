// An outbox table that an application in many processes reads: one of its workers at a time, and
// another one once that is killed.
import assert from 'node:assert/strict';
import { Client } from 'pg';
import { eventually } from '../eventually.ts';
import type { RunningProcess } from '../processes/start-process.ts';

const KEYS = 8;
const EACH = 60;

/** `database`: its url. The files of a Topic with the outbox `table`, whose events `note` gets. */
export function outboxFiles(namespace: string, table: string, database: string): Record<string, string> {
  const named = (name: string) => `metadata: { name: ${name}, namespace: ${namespace} }`;
  const columns = 'columns: { key: shop, data: data }';
  const source = `{ postgres: { secret: bills-db, table: ${table}, batch: 20, ${columns} } }`;
  const topic = `kind: Topic\n${named('bills')}\nspec: { partitions: 4, source: ${source} }\n`;
  const reader = `kind: Subscription\n${named('bill-notes')}\nspec: { topic: bills, from: earliest, to: { function: note } }\n`;
  return {
    'outbox.yaml': [topic, reader].map(each => `apiVersion: tenfold.dev/v1alpha1\n${each}`).join('---\n'),
    [`.tenfold/secrets/${namespace}/bills-db.json`]: JSON.stringify({ url: database }),
  };
}

export interface OutboxOfMany {
  readonly database: string;
  readonly table: string;
  workers(): readonly RunningProcess[];
  /** Lines of `shop id`, as they were delivered. */
  noted(): readonly string[];
}

export async function createOutboxTable({ database, table }: Pick<OutboxOfMany, 'database' | 'table'>): Promise<void> {
  await withClient(database, client =>
    client.query(
      `CREATE TABLE ${table} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, shop text NOT NULL, data jsonb NOT NULL)`,
    ),
  );
}

/** Kills the worker that reads. Resolves with its place in the list once all was delivered. */
export async function assertTakenOver({ database, table, workers, noted }: OutboxOfMany): Promise<number> {
  return withClient(database, async client => {
    const insert = `INSERT INTO ${table} (shop, data) SELECT 'billed' || n % ${KEYS}, jsonb_build_object('shop', 'billed' || n % ${KEYS}, 'id', n) FROM generate_series($1::int, $2::int) n`;
    const half = (KEYS * EACH) / 2;
    await client.query(insert, [0, half - 1]);
    const billed = () => noted().filter(line => line.startsWith('billed'));
    await eventually(() => billed().length > 20, 'it is under way');
    const reads = await Promise.all(workers().map(isReader));
    assert.equal(reads.filter(Boolean).length, 1, 'one worker reads');
    const at = reads.indexOf(true);
    const filling = client.query(insert, [half, 2 * half - 1]);
    await workers()[at]?.end('SIGKILL');
    await filling;
    const firsts = (shop: number) => [...new Set(billed().filter(line => line.startsWith(`billed${shop} `)))];
    const shops = Array.from({ length: KEYS }, (_, shop) => shop);
    await eventually(() => shops.every(shop => firsts(shop).length === EACH), 'all are delivered');
    for (const shop of shops)
      assert.deepEqual(
        firsts(shop),
        Array.from({ length: EACH }, (_, index) => `billed${shop} ${index * KEYS + shop}`),
      );
    const left = async () => (await client.query(`SELECT count(*)::int AS left FROM ${table}`)).rows[0]?.['left'];
    await eventually(async () => (await left()) === 0, 'the table is empty');
    return at;
  });
}

async function isReader(worker: RunningProcess): Promise<boolean> {
  return /^tenfold_source_up\{[^}]*name="bills"[^}]*\} 1$/m.test(await (await worker.admin('/metrics')).text());
}

async function withClient<T>(database: string, act: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client(database);
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await act(client);
  } finally {
    await client.end();
  }
}
