// Brings events to the partition of the state that they change: reads a source in order and appends to an internal topic, keyed by that state's key.
import { sameEventOf } from '../../core/cloudevents/same-event.ts';
import { TenfoldError } from '../../core/errors.ts';
import { SAME_HEADER, SOURCE_TIME_HEADER } from '../../core/wire.ts';
import { sleep, type World } from '../../core/world.ts';
import type { EventLog, LogRecord, NewRecord } from '../../drivers/event-log/event-log.ts';
import { appendInParts } from './append-in-parts.ts';
import { isPoison } from './poison.ts';
import { readAhead } from './read-ahead.ts';
import { formatMark, markOf, SOURCE_HEADER, type SourceMark } from './source-mark.ts';
import { type Stage, type StageListener, type StageWork, startStage } from './stage.ts';

/** What one event does to one key. */
export interface Keyed {
  readonly key: string;
  readonly value: Uint8Array;
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  /** A whole number from 0 to 2^32 - 1 that grows from one to the next. Given where a repeat may find other keys: so each keeps its own. */
  readonly place?: number;
}

export interface RekeySettings {
  readonly group: string;
  /** The source; read from its first event on. */
  readonly topic: string;
  /** The internal topic. */
  readonly target: string;
  /**
   * Records of the source may have been marked by those that made them: these marks are passed on, so that what was appended twice there is
   * recognised, too. One that makes a mark uses it once, and appends in the order of what it was made of.
   */
  readonly marked?: boolean;
  /** In the order in which they are to be folded. What it throws for a record for ever is one of the errors of `isPoison`. */
  project(record: LogRecord): readonly Keyed[] | Promise<readonly Keyed[]>;
  /** Holds the reading back: resolves when so many more records may be read. */
  readonly pace?: ((records: number, signal: AbortSignal) => Promise<void>) | undefined;
  /** Resolves once it is kept that nothing could be made of the record; at least once for each. */
  refused(partition: number, record: LogRecord, error: unknown): Promise<void>;
}

export interface RekeyOptions {
  readonly world: World;
  readonly log: EventLog;
  readonly settings: RekeySettings;
  readonly listener: StageListener;
}

/** Places of one record that was marked before: its index and a place together are one number, below 2^53. */
const PLACES = 2 ** 32;
/** Records that are held before they are appended. */
const HELD = 1_000;
/** A position that somebody has set back is noticed after so long. */
const CHECK_EVERY_MS = 5_000;

/**
 * One append after the other, and the position after them: what a fold drops as repeated must have been there before. So after a failed append,
 * of which any part may be there, it begins again at the committed position; an append that was under way with a second one behind it could leave a
 * hole that the second had gone past.
 */
export async function startRekey({ world, log, settings, listener }: RekeyOptions): Promise<Stage> {
  const { group, topic } = settings;
  for (const name of [topic, settings.target]) {
    if ((await log.bounds(name)) === undefined)
      throw new TenfoldError('not-found', `${group}: there is no topic ${name} in the log`);
  }
  return startStage({ world, log, group, topic, listener, work: work => rekey(world, log, settings, listener, work) });
}

async function rekey(
  world: World,
  log: EventLog,
  settings: RekeySettings,
  listener: StageListener,
  work: StageWork,
): Promise<string> {
  const { owned, state, totals, signal } = work;
  // A group that has never read the partition has lost nothing of what had gone before.
  const from = (await owned.committed())?.offset;
  signal.throwIfAborted();
  state.position = from ?? 0;
  const ended = new AbortController();
  let committed = from;
  keepCommitted(world, owned, AbortSignal.any([signal, ended.signal]), () => committed).catch(() => undefined);
  try {
    for await (const { records, next } of readAhead(work, settings.topic, from, listener)) {
      await settings.pace?.(records.length, signal);
      let made: NewRecord[] = [];
      const refused: { record: LogRecord; error: unknown }[] = [];
      for (const record of records) {
        try {
          const projected = settings.project(record);
          // Mostly it is no promise, and need not be waited for.
          const keyed = projected instanceof Promise ? await projected : projected;
          const before = settings.marked ? markOf(record) : undefined;
          const marked = before
            ? passMark(before, record, keyed)
            : mark(settings.topic, owned.partition, record, keyed);
          for (const each of marked) made.push(each);
        } catch (error) {
          if (!isPoison(error)) throw error;
          refused.push({ record, error });
        }
        if (made.length < HELD) continue;
        await appendInParts(log, settings.target, made, signal);
        made = [];
      }
      await appendInParts(log, settings.target, made, signal);
      for (const { record, error } of refused) {
        signal.throwIfAborted();
        await settings.refused(owned.partition, record, error);
        totals.refused++;
        listener.refused(owned.partition, record, error);
      }
      signal.throwIfAborted();
      committed = undefined;
      await owned.commit({ offset: next, metadata: '' });
      committed = next;
      totals.handled += records.length;
      state.position = next;
      state.newestMs = records.at(-1)?.timestamp ?? state.newestMs;
      state.trouble = undefined;
    }
  } finally {
    ended.abort();
  }
  throw new Error('A partition never ends.');
}

/**
 * A commit of a former owner, or a late one, may have set the position back. Nothing is lost by that, but where no more events come everybody would
 * think that some are waiting: whoever asks for what has got as far as an event, and a View that is being built and would never take over.
 */
async function keepCommitted(
  world: World,
  owned: StageWork['owned'],
  signal: AbortSignal,
  /** Undefined while a commit is under way. */
  committed: () => number | undefined,
): Promise<void> {
  for (;;) {
    await sleep(world, CHECK_EVERY_MS * (0.75 + world.random() / 2), signal);
    const known = committed();
    if (known === undefined) continue;
    const stored = await owned.committed().catch(() => undefined);
    if (signal.aborted || stored === undefined || stored.offset >= known || committed() !== known) continue;
    await owned.commit({ offset: known, metadata: '' }).catch(() => undefined);
  }
}

function mark(topic: string, partition: number, record: LogRecord, keyed: readonly Keyed[]): NewRecord[] {
  if (keyed.length === 0) return [];
  const { offset, timestamp } = record;
  const source = headersOf(record, String(timestamp));
  return keyed.map((each, place) => {
    const { place: index = place } = each;
    return toRecord(each, { topic, partition, offset, index }, source);
  });
}

function passMark(before: SourceMark, record: LogRecord, keyed: readonly Keyed[]): NewRecord[] {
  const source = headersOf(record, record.headers[SOURCE_TIME_HEADER] ?? String(record.timestamp));
  return keyed.map((each, at) => {
    const { place = at } = each;
    return toRecord(each, { ...before, index: before.index * PLACES + place }, source);
  });
}

/** What all that is made of a record carries of it. */
function headersOf(record: LogRecord, since: string): Record<string, string> {
  const same = sameEventOf(record);
  return same === undefined ? { [SOURCE_TIME_HEADER]: since } : { [SOURCE_TIME_HEADER]: since, [SAME_HEADER]: same };
}

function toRecord({ key, value, headers }: Keyed, from: SourceMark, source: Record<string, string>): NewRecord {
  return { key, value, headers: { ...headers, [SOURCE_HEADER]: formatMark(from), ...source } };
}
