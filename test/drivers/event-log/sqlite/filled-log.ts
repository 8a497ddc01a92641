// A log with known contents, as its files lay at a moment when nothing had been closed:
// what a killed process leaves.
import { cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { EventLog, LogRecord, Position } from '../../../../drivers/event-log/event-log.ts';
import { readAll } from '../../../contract/event-log/subject.ts';

/** Everything that a log holds. */
export interface Contents {
  readonly topics: readonly string[];
  readonly records: readonly (readonly LogRecord[])[];
  readonly positions: readonly (Position | undefined)[];
}

export const TOPIC = 'orders';
const GROUP = 'subscription.shop.wall';

export async function fill(log: EventLog, count: number, from = 0): Promise<void> {
  await log.ensureTopic(TOPIC, { partitions: 2, retentionMs: 1e10 });
  await log.ensureTopic(`${GROUP}.parked`, { partitions: 2 });
  for (let index = from; index < from + count; index++) {
    const value = Buffer.from(`order ${index} `.repeat(1 + (index % 9) * 10));
    await log.append(TOPIC, [
      { key: `customer ${index % 5}`, value, headers: { ce_id: String(index), ce_type: 'OrderCreated' } },
    ]);
    await log.seek(GROUP, TOPIC, new Map([[index % 2, { offset: index, metadata: `done ${index}` }]]));
  }
}

export async function readContents(log: EventLog): Promise<Contents> {
  const topics = await log.topics();
  const partitions = topics.flatMap(({ name, partitions: count }) =>
    Array.from({ length: count }, (_, number) => [name, number] as const),
  );
  const records: LogRecord[][] = [];
  for (const [name, number] of partitions) records.push(await readAll(log, name, number));
  const isThere = topics.some(({ name }) => name === TOPIC);
  const positions = isThere ? await log.positions(GROUP, TOPIC) : [];
  return { topics: topics.map(topic => JSON.stringify(topic)), records, positions };
}

/**
 * Copies the database with what lies beside it, without the index of the WAL, which
 * a new process makes anew.
 */
export function copyDatabase(file: string, to: string): void {
  rmSync(dirname(to), { recursive: true, force: true });
  mkdirSync(dirname(to), { recursive: true });
  for (const name of readdirSync(dirname(file))) {
    const isPart = name.startsWith(basename(file)) && !/-shm$|\.lock$|\.owner$/.test(name);
    if (isPart) cpSync(join(dirname(file), name), join(dirname(to), name.replace(basename(file), basename(to))));
  }
}
