// Reads the values of options that are more than text.
import { InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { parseDuration } from '../core/units/duration.ts';
import { MAX_INTERNAL_TIMEOUT_MS } from '../core/wire.ts';
import { parseMoment } from './events/parse-moment.ts';

/** An option that may be given several times. */
export function repeated<const F extends string>(flags: F, description: string) {
  const none: readonly string[] = [];
  return new Option(flags, description)
    .argParser((value: string, previous: readonly string[]) => [...previous, value])
    .default(none, 'none');
}

export function parseDurationOption(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined || ms < 1) throw new InvalidArgumentError('It is no duration such as 500ms, 30s or 5m.');
  if (ms > MAX_INTERNAL_TIMEOUT_MS) throw new InvalidArgumentError('The longest is 15m.');
  return ms;
}

export function parsePort(text: string): number {
  const port = /^[0-9]{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw new InvalidArgumentError('It is no port: 0 (any free one) to 65535.');
  return port;
}

/** A whole percentage, with or without its sign. */
export function parsePercent(text: string): number {
  const percent = /^[0-9]{1,3}%?$/.test(text) ? Number.parseInt(text, 10) : Number.NaN;
  if (!(percent <= 100)) throw new InvalidArgumentError('It is no whole percentage from 0 to 100.');
  return percent;
}

export function parseCount(text: string): number {
  const count = /^[0-9]{1,7}$/.test(text) ? Number(text) : 0;
  if (count < 1) throw new InvalidArgumentError('It is no whole number from 1 to 9999999.');
  return count;
}

/** The time that a command itself waits: no server limits it. */
export function parseWaitOption(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined || ms < 1) throw new InvalidArgumentError('It is no duration such as 500ms, 30s or 5m.');
  return ms;
}

/** A filter of a selection. */
export function parseFilter(text: string): string {
  if (text.trim() !== '') return text;
  throw new InvalidArgumentError('It is empty, and would select everything. See whether a variable is set.');
}

/** A whole number from 0 on, such as that of a partition. */
export function parseNumber(text: string): number {
  if (!/^[0-9]{1,9}$/.test(text)) throw new InvalidArgumentError('It is no whole number from 0 on.');
  return Number(text);
}

/** Milliseconds since 1970. */
export function parseTimeOption(text: string): number {
  const time = parseMoment(text, Date.now());
  if (time !== undefined) return time;
  throw new InvalidArgumentError('It is no time such as 2026-11-24T08:00:00Z, and no age such as 2h.');
}
