// The progress of a source, sent to every partition that counts its events. Windows close by it,
// also where none of its events go.
import { CLOCK_HEADER, ENDS_HEADER, SOURCES_HEADER } from '../../core/wire.ts';
import type { EventLog, LogRecord, NewRecord } from '../../drivers/event-log/event-log.ts';
import { appendInParts } from './append-in-parts.ts';

/**
 * The end of each partition of the source's topic. Records that are appended to the clock's own
 * partition from `upTo` on came after all records below these offsets. That stays true for ever,
 * for every reader at any time, and needs no clock.
 */
export type Ends = ReadonlyMap<number, number>;

export interface Clock {
  /** Name of the stage that appends its events, as in their marks. */
  readonly feeder: string;
  /** Partition of the source. */
  readonly source: number;
  /** The newest time of its events so far; undefined where that is not known. */
  readonly time: number | undefined;
  /** All of its events below this offset have been appended before. */
  readonly upTo: number;
  /** How long nothing came. Undefined: events come. */
  readonly silentMs: number | undefined;
  /**
   * By number of the source. Partitions that are left out were reported before, or are not known.
   * Undefined: none is known.
   */
  readonly ends: Ends | undefined;
  /** The least number of partitions of the source. Undefined: nothing new is known. */
  readonly sources?: number | undefined;
}

const PATTERN = /^(\d+),(-?\d*),(\d+),(\d*),(.+)$/s;
const END = /^(\d+):(\d+)$/;

export function toClockRecord(
  { feeder, source, time, upTo, silentMs, ends, sources }: Clock,
  partition: number,
): NewRecord {
  const text = `${source},${time ?? ''},${upTo},${silentMs === undefined ? '' : Math.floor(silentMs)},${feeder}`;
  // A field beside it, so that an earlier release can read the rest.
  const told = ends && { [ENDS_HEADER]: [...ends].map(([of, end]) => `${of}:${end}`).join(',') };
  const count = sources !== undefined && { [SOURCES_HEADER]: String(sources) };
  return { key: null, value: Buffer.alloc(0), headers: { [CLOCK_HEADER]: text, ...told, ...count }, partition };
}

/** The same for each partition of the topic. */
export function toClockRecords(clock: Clock, partitions: number): NewRecord[] {
  return Array.from({ length: partitions }, (_, partition) => toClockRecord(clock, partition));
}

/** Sends clocks to all partitions of one topic. */
export type TellAll = (clocks: readonly Clock[], signal: AbortSignal) => Promise<void>;

export function createTellAll(log: Pick<EventLog, 'append'>, topic: string, partitions: number): TellAll {
  return (clocks, signal) =>
    appendInParts(
      log,
      topic,
      clocks.flatMap(clock => toClockRecords(clock, partitions)),
      signal,
    );
}

/** Undefined for a record of another kind. */
export function clockOf({ headers }: Pick<LogRecord, 'headers'>): Clock | undefined {
  const [, source, time, upTo, silentMs, feeder] = PATTERN.exec(headers[CLOCK_HEADER] ?? '') ?? [];
  if (feeder === undefined) return undefined;
  return {
    feeder,
    source: Number(source),
    time: numberOf(time),
    upTo: Number(upTo),
    silentMs: numberOf(silentMs),
    ends: endsOf(headers[ENDS_HEADER]),
    sources: numberOf(headers[SOURCES_HEADER]),
  };
}

function numberOf(text = ''): number | undefined {
  return text === '' ? undefined : Number(text);
}

function endsOf(text: string | undefined): Ends | undefined {
  if (text === undefined) return undefined;
  const ends = new Map<number, number>();
  for (const each of text.split(',')) {
    const [, of, end] = END.exec(each) ?? [];
    if (end !== undefined) ends.set(Number(of), Number(end));
  }
  return ends;
}
