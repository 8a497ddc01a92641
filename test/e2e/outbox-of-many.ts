// An outbox table that an application in many processes reads, and a table that a Pipeline of it
// writes: a worker is killed in the midst of both.
import assert from 'node:assert/strict';
import { Client } from 'pg';
import * as z from 'zod';
import { eventually } from '../eventually.ts';
import type { RunningProcess } from '../processes/start-process.ts';

const topic = z.object({ name: z.string(), events: z.number() });
const KEYS = 8;
const EACH = 60;

/**
 * `database`: its url. The files of a Topic with the outbox `table`, whose events `note` gets and a
 * Pipeline writes to another table.
 */
export function outboxFiles(namespace: string, table: string, database: string): Record<string, string> {
  const named = (name: string) => `metadata: { name: ${name}, namespace: ${namespace} }`;
  const columns = 'columns: { key: shop, data: data }';
  const source = `{ postgres: { secret: bills-db, table: ${table}, batch: 20, ${columns} } }`;
  const topic = `kind: Topic\n${named('bills')}\nspec: { partitions: 4, source: ${source} }\n`;
  const reader = `kind: Subscription\n${named('bill-notes')}\nspec: { topic: bills, from: earliest, to: { function: note } }\n`;
  const sink = `{ postgres: { secret: bills-db, table: ${table}_rows, positions: ${table}_positions, key: [id], columns: { id: "\${event.data.id}", shop: "\${event.data.shop}" }, batch: 20 } }`;
  const pipeline = `kind: Pipeline\n${named('bill-rows')}\nspec: { from: { topic: bills, start: earliest }, to: [${sink}] }\n`;
  return {
    'outbox.yaml': [topic, reader, pipeline].map(each => `apiVersion: tenfold.dev/v1alpha1\n${each}`).join('---\n'),
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
  const note = `BEGIN INSERT INTO ${table}_writes (row) VALUES (NEW.id); RETURN NEW; END`;
  const statements = [
    `CREATE TABLE ${table} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, shop text NOT NULL, data jsonb NOT NULL)`,
    `CREATE TABLE ${table}_rows (id bigint PRIMARY KEY, shop text)`,
    `CREATE TABLE ${table}_writes (row bigint)`,
    `CREATE FUNCTION ${table}_note() RETURNS trigger LANGUAGE plpgsql AS '${note}'`,
    `CREATE TRIGGER note AFTER INSERT OR UPDATE ON ${table}_rows FOR EACH ROW EXECUTE FUNCTION ${table}_note()`,
  ];
  await withClient(database, client => client.query(statements.join('; ')));
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
    const alive = workers().find((_, index) => index !== at) ?? assert.fail('no worker is left');
    await assertWrittenOnce(client, table, alive);
    return at;
  });
}

/** Each event of the Topic once: those too that the killed reader had published twice. */
async function assertWrittenOnce(client: Client, table: string, worker: RunningProcess): Promise<void> {
  const count = async (of: string) =>
    (await client.query(`SELECT count(*)::int AS n FROM ${table}_${of}`)).rows[0]?.['n'];
  await eventually(async () => (await count('rows')) === KEYS * EACH, 'all have a row');
  const events = async () => {
    const { items } = z.object({ items: z.array(topic) }).parse(await (await worker.admin('/api/topics')).json());
    return items.find(({ name }) => name === 'bills')?.events;
  };
  const both = async () => [await count('writes'), await events()] as const;
  const isSame = async () => {
    const [writes, published] = await both();
    return writes === published;
  };
  await eventually(isSame, 'each event was written once').catch(async error => {
    throw new Error(`Writes and events: ${await both()}.`, { cause: error });
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
