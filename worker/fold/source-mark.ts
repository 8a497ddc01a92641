// The origin of a record of an internal topic, by which a second append of it is recognised.
import type { LogRecord } from '../../drivers/event-log/event-log.ts';

export const SOURCE_HEADER = 'tenfold-from';

export interface SourceMark {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Number of the record among those that one source record made. */
  readonly index: number;
}

const MARK = /^(\d+)\.(\d+)\.(\d+)\.(.+)$/s;

export function formatMark({ topic, partition, offset, index }: SourceMark): string {
  return `${partition}.${offset}.${index}.${topic}`;
}

/** Undefined for a record that no stage of ours has written. */
export function markOf({ headers }: Pick<LogRecord, 'headers'>): SourceMark | undefined {
  const [, partition, offset, index, topic] = MARK.exec(headers[SOURCE_HEADER] ?? '') ?? [];
  if (topic === undefined) return undefined;
  return { topic, partition: Number(partition), offset: Number(offset), index: Number(index) };
}
