// A table in a real Postgres, and Pipelines over the real log and store that write to it. A trigger
// notes each write of a row.
import { Client } from 'pg';
import { pipelineGroupOf, topicOf } from '../../../core/names.ts';
import { realWorld } from '../../../core/world.ts';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import { connectionSettingsOf } from '../../../drivers/postgres/connection-settings.ts';
import type { SessionOptions } from '../../../drivers/postgres/session.ts';
import type { Store } from '../../../drivers/store/store.ts';
import { createPostgresSink } from '../../../drivers/table-sink/postgres/postgres-sink.ts';
import type { TableSink } from '../../../drivers/table-sink/table-sink.ts';
import type { Caller } from '../../../worker/deliver/caller.ts';
import { createDeadLetters } from '../../../worker/dispatch/dead-letters/dead-letters.ts';
import { ensureAtLeast } from '../../../worker/dispatch/group/ensure-at-least.ts';
import type { RunningPipeline } from '../../../worker/pipelines/run-pipeline.ts';
import { publishAll, resourcesOf, startPipeline } from '../pipelines/harness.ts';

let number = 0;

async function connected(url: string): Promise<Client> {
  const client = new Client(url);
  // The server is killed now and then.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

export function sessionAt(url: string, signal = new AbortController().signal): SessionOptions {
  return {
    connection: connectionSettingsOf('db', { url }),
    connectTimeoutMs: 5_000,
    statementTimeoutMs: 30_000,
    lookup: (_host, _options, done) => done(null, [{ address: '127.0.0.1', family: 4 }]),
    assertAddress() {},
    signal,
  };
}

export interface Place {
  readonly log: EventLog;
  readonly store: Store;
  /** Members of the sink beside `secret` and `table`. */
  readonly sink: string;
  readonly columns: string;
  /** Steps of the Pipeline. */
  readonly steps?: string;
  readonly partitions?: number;
  /** Answers in place of the function `enrich`, which steps may call. */
  readonly caller?: Caller;
}

export async function createTable(url: string, place: Place) {
  const { log, store, sink, columns, steps = '', partitions = 2, caller } = place;
  const name = `t${process.pid}x${++number}`;
  let client = await connected(url);
  await client.query(`CREATE TABLE ${name} (${columns}); CREATE TABLE ${name}_writes (n bigserial, what jsonb)`);
  await client.query(
    `CREATE FUNCTION ${name}_note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO ${name}_writes (what) VALUES (to_jsonb(NEW)); RETURN NEW; END'`,
  );
  await client.query(
    `CREATE TRIGGER note AFTER INSERT OR UPDATE ON ${name} FOR EACH ROW EXECUTE FUNCTION ${name}_note()`,
  );
  const resourcesInto = (table: string, branches: readonly string[]) =>
    resourcesOf(`kind: Topic; metadata: { name: ${name} }; spec: { partitions: ${partitions}, key: "\${event.data.id}" }
kind: Function; metadata: { name: enrich }; spec: { url: "http://enrich.example" }
kind: Pipeline; metadata: { name: ${name} }; spec: { from: { topic: ${name}, start: earliest }${branches.length > 0 ? `, steps: [{ branch: [${branches.join(', ')}] }]` : steps}, to: [{ postgres: { secret: db, table: ${table}, positions: ${name}_positions, ${sink} } }] }`);
  await ensureAtLeast(log, topicOf('default', name), { partitions });
  const running: RunningPipeline[] = [];
  const troubles: string[] = [];
  return {
    name,
    running,
    troubles,
    query: async (text: string) => (await client.query(text)).rows,
    /** After the server was started again. */
    async reconnect() {
      client = await connected(url);
    },
    async start({
      wrap = (opened: TableSink): TableSink => opened,
      over = log,
      at = url,
      into = name,
      branches = [] as readonly string[],
    } = {}) {
      const pipeline = await startPipeline({
        log: over,
        store,
        resources: resourcesInto(into, branches),
        ...(caller === undefined ? {} : { caller }),
        observer: {
          trouble: (_, error) => void troubles.push(error instanceof Error ? error.message : String(error)),
          superseded: (_, why) => void troubles.push(why),
          jumped() {},
          refused() {},
        },
        openTable: async ({ spec, installation, sink, signal }) => {
          const { table, positions, key } = spec;
          const session = () => sessionAt(at, signal);
          const columns = Object.keys(spec.columns);
          return wrap(createPostgresSink({ installation, sink, table, positions, key, columns, session }));
        },
      });
      running.push(pipeline);
      return pipeline;
    },
    publish: (...data: readonly Readonly<Record<string, unknown>>[]) =>
      publishAll(
        log,
        name,
        data.map(each => ({ data: each, key: String(each['id']) })),
      ),
    /** The events that have been written, or set aside. */
    handled: () =>
      running
        .flatMap(({ stages }) => [...stages])
        .reduce((sum, [id, { totals }]) => sum + (id.startsWith('table.') ? totals.handled : 0), 0),
    async letters() {
      const dead = createDeadLetters(realWorld, log, pipelineGroupOf('default', name));
      const { letters } = await dead.list({}, 100);
      return letters.map(({ error }) => error?.message ?? '');
    },
    /** Writes of rows so far. */
    async writes(): Promise<number> {
      const found = await client.query(`SELECT count(*) AS n FROM ${name}_writes`).catch(() => undefined);
      return Number(found?.rows[0]?.['n'] ?? 0);
    },
    async close() {
      for (const pipeline of running) await pipeline.close(1_000);
      await client.end().catch(() => undefined);
    },
  };
}

/** The process has committed its last batch, and dies. */
export function dyingAfter(steps: number): (sink: TableSink) => TableSink {
  let left = steps;
  return sink => ({
    ...bound(sink),
    async write(step, refused) {
      if (left <= 0) return new Promise(() => {});
      const written = await sink.write(step, refused);
      if (--left === 0) throw new Error('It has died.');
      return written;
    },
  });
}

export function bound(sink: TableSink): TableSink {
  return {
    take: partition => sink.take(partition),
    write: (step, refused) => sink.write(step, refused),
    holds: (claim, position) => sink.holds(claim, position),
    close: () => sink.close(),
  };
}
