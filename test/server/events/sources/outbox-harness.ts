// An outbox table in a real Postgres, and relays of it into a log in memory.
import assert from 'node:assert/strict';
import { Client } from 'pg';
import { realWorld } from '../../../../core/world.ts';
import type { LogRecord } from '../../../../drivers/event-log/event-log.ts';
import type { OutboxReader } from '../../../../drivers/outbox/outbox.ts';
import { openPostgresOutbox } from '../../../../drivers/outbox/postgres/postgres-outbox.ts';
import { connectionSettingsOf } from '../../../../drivers/postgres/connection-settings.ts';
import type { RowAside } from '../../../../worker/sources/source-figures.ts';
import { compileSources, type SourcePlan } from '../../../../worker/sources/source-plan.ts';
import { SourceRelay } from '../../../../worker/sources/source-relay.ts';
import { createFakeLog } from '../../../fakes/fake-log.ts';
import { createFakeStore } from '../../../fakes/fake-store.ts';
import { resourcesOf } from '../../../worker/pipelines/harness.ts';

const COLUMNS =
  'id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, k text, kind text, data text, at timestamptz DEFAULT now(), sent timestamptz';
const TOPIC = 'default.orders';
let tables = 0;

/** A table of its own, with a Topic that reads it. `more`: members of the source. */
export async function createOutbox(url: string, more = '', topic = '', poll = '50ms') {
  let client = await connected(url);
  const table = `outbox_${process.pid}_${++tables}`;
  await client.query(`CREATE TABLE ${table} (${COLUMNS})`);
  const source = `postgres: { secret: db, table: ${table}, poll: ${poll}, columns: { key: k, type: kind, time: at${more.includes('keep') ? ', sent: sent' : ''} }${more} }`;
  const [plan] = compileSources(
    resourcesOf(`kind: Topic; metadata: { name: orders }; spec: { source: { ${source} }${topic} }`),
  );
  assert.ok(plan);
  const log = createFakeLog();
  const relays: SourceRelay[] = [];
  const asides: RowAside[] = [];
  const troubles: string[] = [];
  const outbox = {
    table,
    plan,
    log,
    get client() {
      return client;
    },
    asides,
    troubles,
    /** A process with a store of its own believes that it has the claim. */
    start({
      id = 'one',
      store = createFakeStore(realWorld),
      wrap = (reader: OutboxReader) => reader,
      world = realWorld,
    } = {}) {
      const relay = new SourceRelay(
        {
          world,
          store,
          log,
          incarnation: { id, isOver: async () => false },
          open: async (given, signal) => wrap(await openAt(url, given, signal)),
          observer: {
            refused: (_plan, row) => void asides.push(row),
            away: (_plan, message) => void troubles.push(message),
            back() {},
          },
        },
        plan,
      );
      relays.push(relay);
      return relay;
    },
    async insert(...rows: readonly (readonly [key: string | null, data: string])[]) {
      for (const [key, data] of rows)
        await client.query(`INSERT INTO ${table} (k, kind, data) VALUES ($1, 'made', $2)`, [key, data]);
    },
    /** After the server was started again. */
    async reconnect() {
      client = await connected(url);
    },
    /** Counted as it is now. */
    async left(): Promise<number> {
      const { rows } = await client.query(`SELECT count(*)::int AS left FROM ${table}`);
      return Number(rows[0]?.['left']);
    },
    events: () => log.recordsOf(TOPIC).map(toEvent),
    async close() {
      await Promise.all(relays.map(relay => relay.close(1_000)));
      await client.end().catch(() => undefined);
    },
  };
  return outbox;
}

async function connected(url: string): Promise<Client> {
  const client = new Client(url);
  // The server is killed now and then.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

function openAt(url: string, { spec }: SourcePlan, signal: AbortSignal): Promise<OutboxReader> {
  return openPostgresOutbox({
    connection: connectionSettingsOf('db', { url }),
    table: spec.table,
    columns: spec.columns,
    channel: spec.notify,
    connectTimeoutMs: spec.timeouts.connect,
    statementTimeoutMs: spec.timeouts.statement,
    lookup: (_host, _options, done) => done(null, [{ address: '127.0.0.1', family: 4 }]),
    assertAddress() {},
    signal,
  });
}

function toEvent({ key, value, headers }: LogRecord) {
  return { key, id: headers['ce_id'] ?? '', source: headers['ce_source'], text: Buffer.from(value).toString() };
}

/** Of each key its events in the order in which each came first. */
export function firstsByKey(events: readonly ReturnType<typeof toEvent>[]): Map<string | null, string[]> {
  const seen = new Set<string>();
  const firsts = events.filter(({ id }) => !seen.has(id) && seen.add(id));
  return new Map([...Map.groupBy(firsts, ({ key }) => key)].map(([key, all]) => [key, all.map(({ text }) => text)]));
}
