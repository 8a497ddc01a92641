// Shares of one Queue: a noisy tenant alone, a thousand quiet jobs behind its backlog, and three
// tenants with weights. The dispatcher reads the embedded log; a job takes 5 ms.
// `--events 4000` for a quick look, `--events 1000000` for the largest backlog.
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { realWorld } from '../../core/world.ts';
import type { EventLog, NewRecord } from '../../drivers/event-log/event-log.ts';
import { createSqliteEventLog } from '../../drivers/event-log/sqlite/sqlite-event-log.ts';
import { openDatabase } from '../../drivers/sqlite/open-database.ts';
import { startDispatcher } from '../../worker/dispatch/dispatcher.ts';
import { compileShare } from '../../worker/plan/record-expressions.ts';
import { loadNow } from '../measure/machine.ts';
import { publish, toTable } from '../measure/report.ts';

const { values } = parseArgs({ options: { events: { type: 'string', default: '50000' } } });
const events = Number(values.events);
const QUIET = 1_000;
const WORK_MS = 5;
const CONCURRENCY = 32;
const PARTITIONS = 6;
const world = realWorld;
const share = compileShare({ by: '${event.data.tenant}', weight: '${event.data.weight}' });
let number = 0;

const recordOf = (tenant: string, weight = 1): NewRecord => ({
  key: `key-${number}`,
  value: Buffer.from(JSON.stringify({ tenant, weight, text: 'x'.repeat(150) })),
  headers: {
    ce_specversion: '1.0',
    ce_id: String(number++),
    ce_source: '/bench',
    ce_type: 'JobMade',
    'content-type': 'application/json',
  },
});

interface Begun {
  readonly tenant: string;
  readonly at: number;
}

/** One consumer over a log of its own; `work` publishes, and waits until enough has begun. */
async function run(shares: boolean, work: (log: EventLog, begun: readonly Begun[]) => Promise<void>) {
  const folder = mkdtempSync(join(import.meta.dirname, '.data-'));
  const thread = pathToFileURL(join(import.meta.dirname, '../../drivers/sqlite/thread-main.ts'));
  const database = await openDatabase({ world, file: join(folder, 'log.db'), thread });
  const log = await createSqliteEventLog({ world, database });
  await log.ensureTopic('jobs', { partitions: PARTITIONS });
  const begun: Begun[] = [];
  const dispatcher = startDispatcher({
    world,
    log,
    settings: {
      group: 'queue',
      topic: 'jobs',
      order: 'none',
      concurrency: CONCURRENCY,
      share: shares ? share : { by: () => undefined },
      retry: { attempts: 1, backoff: 'constant', initial: 1_000, max: 1_000 },
      delay: 0,
      onExhausted: 'skip',
      parking: { maxKeys: 10_000, maxSize: 1024 ** 3 },
      deadLetterRetention: 60_000,
      from: 'earliest',
      priority: 5,
      paused: false,
    },
    destination: {
      label: 'a wait',
      deliver: async items => {
        for (const { record } of items) begun.push({ tenant: share.by(record) ?? '', at: performance.now() });
        await sleep(WORK_MS);
        return items.map(() => ({ kind: 'done' }));
      },
    },
  });
  await work(log, begun);
  await (await dispatcher).close(5_000);
  await database.close();
  rmSync(folder, { recursive: true, force: true });
}

async function append(log: EventLog, records: readonly NewRecord[]): Promise<void> {
  for (let at = 0; at < records.length; at += 2_000) await log.append('jobs', records.slice(at, at + 2_000));
}

const of = (count: number, tenant: string, weight?: number) =>
  Array.from({ length: count }, () => recordOf(tenant, weight));

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(5);
}

/** Jobs a second of one tenant that is alone. */
async function alone(shares: boolean): Promise<number> {
  let rate = 0;
  await run(shares, async (log, begun) => {
    const count = Math.min(events, 20_000);
    await append(log, of(count, 'noisy'));
    await until(() => begun.length >= count / 10);
    const [from, at] = [begun.length, performance.now()];
    await until(() => begun.length >= count * 0.95);
    rate = ((begun.length - from) * 1_000) / (performance.now() - at);
  });
  return rate;
}

/** Waits of quiet jobs that come behind the backlog of a noisy tenant, milliseconds, ascending. */
async function quietBehind(backlog: number, shares: boolean): Promise<number[]> {
  let waits: number[] = [];
  await run(shares, async (log, begun) => {
    await append(log, of(backlog, 'noisy'));
    await until(() => begun.length > 0);
    const sent = new Map<string, number>();
    for (let each = 0; each < QUIET; each++) {
      const tenant = `quiet-${each}`;
      sent.set(tenant, performance.now());
      await log.append('jobs', [recordOf(tenant)]);
    }
    const quiet = () => begun.filter(({ tenant }) => sent.has(tenant));
    await until(() => quiet().length >= QUIET);
    waits = quiet().map(({ tenant, at }) => at - (sent.get(tenant) ?? at));
  });
  return waits.sort((one, other) => one - other);
}

async function byWeight(weights: Readonly<Record<string, number>>): Promise<readonly string[][]> {
  const rows: string[][] = [];
  await run(true, async (log, begun) => {
    const names = Object.keys(weights);
    const sum = Object.values(weights).reduce((one, other) => one + other, 0);
    await append(log, Array.from({ length: 3_000 }, () => names.map(name => recordOf(name, weights[name]))).flat());
    await until(() => new Set(begun.map(({ tenant }) => tenant)).size === names.length);
    const from = begun.length;
    await until(() => begun.length >= from + 3_000);
    const some = begun.slice(from, from + 3_000);
    for (const name of names) {
      const got = some.filter(({ tenant }) => tenant === name).length / some.length;
      const due = (weights[name] ?? 0) / sum;
      rows.push([name, String(weights[name]), percent(due), percent(got), `${((got / due - 1) * 100).toFixed(1)}%`]);
    }
  });
  return rows;
}

const percent = (part: number) => `${(part * 100).toFixed(1)}%`;
const at = (sorted: readonly number[], part: number) =>
  (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0).toFixed(0);

const without = await alone(false);
const withShares = await alone(true);
const rows: string[][] = [];
for (const backlog of [2_000, events])
  for (const shares of [false, true]) {
    const waits = await quietBehind(backlog, shares);
    rows.push([
      `${backlog.toLocaleString('en')} jobs before them, ${shares ? 'shares' : 'one line'}`,
      at(waits, 0.5),
      at(waits, 0.99),
    ]);
  }
const weighted = await byWeight({ gold: 4, silver: 2, plain: 1 });
publish('fair-shares', 'Shares of one Queue', [
  `A dispatcher over the embedded log with ${PARTITIONS} partitions, \`order: none\`, \`concurrency: ${CONCURRENCY}\`, and jobs that take ${WORK_MS} ms.`,
  `A tenant that is alone: ${Math.round(without).toLocaleString('en')} jobs a second in one line, ${Math.round(withShares).toLocaleString('en')} with shares (${percent(withShares / without)}; the bar is 97%).`,
  `Waits of ${QUIET} jobs of as many quiet tenants behind the backlog of one, in milliseconds. The bar for p99 is ${2 * WORK_MS + 100}. The shares hold among the jobs that the worker has read, about 4,000 in each partition.`,
  toTable(['', 'p50', 'p99'], rows),
  'Calls of three tenants with weights, while all wait; the bar is 5%.',
  toTable(['', 'weight', 'due', 'got', 'off'], weighted),
  loadNow(),
]);
process.exit(0);
