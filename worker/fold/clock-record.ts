// How far a source has come, told to every partition that counts its events: windows are closed by it, also where none of its events go.
import { CLOCK_HEADER } from '../../core/wire.ts';
import type { LogRecord, NewRecord } from '../../drivers/event-log/event-log.ts';

export interface Clock {
  /** Names who appends its events, as their marks do. */
  readonly feeder: string;
  /** Partition of the source. */
  readonly source: number;
  /** The newest time of its events so far; undefined where that is not known. */
  readonly time: number | undefined;
  /** All of its events below this offset have been appended before. */
  readonly upTo: number;
  /** For how long nothing came. Undefined: something does. */
  readonly silentMs: number | undefined;
}

const PATTERN = /^(\d+),(-?\d*),(\d+),(\d*),(.+)$/s;

export function toClockRecord({ feeder, source, time, upTo, silentMs }: Clock, partition: number): NewRecord {
  const text = `${source},${time ?? ''},${upTo},${silentMs === undefined ? '' : Math.floor(silentMs)},${feeder}`;
  return { key: null, value: Buffer.alloc(0), headers: { [CLOCK_HEADER]: text }, partition };
}

/** Undefined for a record of another kind. */
export function clockOf({ headers }: Pick<LogRecord, 'headers'>): Clock | undefined {
  const text = headers[CLOCK_HEADER];
  if (text === undefined) return undefined;
  const [, source, time, upTo, silentMs, feeder] = PATTERN.exec(text) ?? [];
  if (feeder === undefined) return undefined;
  return { feeder, source: Number(source), time: numberOf(time), upTo: Number(upTo), silentMs: numberOf(silentMs) };
}

function numberOf(text: string | undefined): number | undefined {
  return text === undefined || text === '' ? undefined : Number(text);
}
