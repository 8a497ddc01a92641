// What the contract of the log is checked on, and small helpers that its chapters share.
import assert from 'node:assert/strict';
import type { EventLog, LogRecord, NewRecord, Reader } from '../../../drivers/event-log/event-log.ts';

export interface LogSubject {
  /**
   * A client of the same log each time; the earlier one is closed before when
   * the driver allows only one.
   */
  open(): Promise<EventLog>;
  /** Ends everything and removes what is stored. */
  destroy(): Promise<void>;
}

export interface LogDriver {
  readonly name: string;
  create(): Promise<LogSubject>;
  /** Several clients may be open at the same time. */
  readonly hasManyClients: boolean;
  /**
   * Longest time that a change of members may take until all partitions are owned, milliseconds.
   */
  readonly rebalanceMs: number;
  /** The log's clock, if it is not the machine's. */
  now?(): number;
}

/** Names are new in every run, since some drivers share one service. */
export const newName = (what: string): string => `${what}-${process.pid}-${Date.now().toString(36)}-${++names}`;
let names = 0;

export const LIMITS = { maxRecords: 1000, maxBytes: 1 << 20 };

export function record(key: string | null, text: string, more: Partial<NewRecord> = {}): NewRecord {
  return { key, value: Buffer.from(text), headers: {}, ...more };
}

export const textOf = ({ value }: LogRecord): string => Buffer.from(value).toString();

/** Reads on until there are `count` records. */
export async function take(reader: Reader, count: number): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  while (records.length < count) records.push(...(await reader.next(LIMITS)).records);
  return records;
}

/** All that a partition holds. */
export async function readAll(log: EventLog, topic: string, partition: number): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  for (let from = 0; ; ) {
    const batch = await log.read(topic, partition, from, LIMITS);
    records.push(...batch.records);
    if (batch.next >= batch.bounds.end) return records;
    assert.ok(batch.next > from, 'a read makes progress');
    from = batch.next;
  }
}

export async function rejectsWith(code: string, promise: Promise<unknown>): Promise<void> {
  await assert.rejects(promise, (error: unknown) => error instanceof Error && 'code' in error && error.code === code);
}

/** Waits for a condition that comes true by itself. */
export async function until(what: string, isTrue: () => boolean | Promise<boolean>, ms = 2 * 60_000): Promise<void> {
  const end = performance.now() + ms;
  while (!(await isTrue())) {
    assert.ok(performance.now() < end, `${what}: not within ${ms} ms`);
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}
