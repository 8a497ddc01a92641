// Brings events to the partition of the state that they change: reads a source in order and appends to an internal topic, keyed by that state's key.
import { TenfoldError } from '../../core/errors.ts';
import { SOURCE_TIME_HEADER } from '../../core/wire.ts';
import type { World } from '../../core/world.ts';
import type { EventLog, LogRecord, NewRecord } from '../../drivers/event-log/event-log.ts';
import { isPoison } from './poison.ts';
import { readAhead } from './read-ahead.ts';
import { formatMark, SOURCE_HEADER } from './source-mark.ts';
import { type Stage, type StageListener, type StageWork, startStage } from './stage.ts';

/** What one event does to one key. */
export interface Keyed {
  readonly key: string;
  readonly value: Uint8Array;
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface RekeySettings {
  readonly group: string;
  /** The source; read from its first event on. */
  readonly topic: string;
  /** The internal topic. */
  readonly target: string;
  /** In the order in which they are to be folded. What it throws for a record for ever is one of the errors of `isPoison`. */
  project(record: LogRecord): readonly Keyed[];
  /** Resolves once it is kept that nothing could be made of the record; at least once for each. */
  refused(partition: number, record: LogRecord, error: unknown): Promise<void>;
}

export interface RekeyOptions {
  readonly world: World;
  readonly log: EventLog;
  readonly settings: RekeySettings;
  readonly listener: StageListener;
}

/** Records in one append. */
const MAX_APPEND = 1000;
const MAX_APPEND_BYTES = 4 * 1024 * 1024;

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
  return startStage({ world, log, group, topic, listener, work: work => rekey(log, settings, listener, work) });
}

async function rekey(
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
  for await (const { records, next } of readAhead(work, settings.topic, from, listener)) {
    const made: NewRecord[] = [];
    const refused: { record: LogRecord; error: unknown }[] = [];
    for (const record of records) {
      try {
        made.push(...mark(settings.topic, owned.partition, record, settings.project(record)));
      } catch (error) {
        if (!isPoison(error)) throw error;
        refused.push({ record, error });
      }
    }
    for (const part of split(made)) {
      signal.throwIfAborted();
      await log.append(settings.target, part);
    }
    for (const { record, error } of refused) {
      signal.throwIfAborted();
      await settings.refused(owned.partition, record, error);
      totals.refused++;
      listener.refused(owned.partition, record, error);
    }
    signal.throwIfAborted();
    await owned.commit({ offset: next, metadata: '' });
    totals.handled += records.length;
    state.position = next;
    state.newestMs = records.at(-1)?.timestamp ?? state.newestMs;
    state.trouble = undefined;
  }
  throw new Error('A partition never ends.');
}

function mark(
  topic: string,
  partition: number,
  { offset, timestamp }: LogRecord,
  keyed: readonly Keyed[],
): NewRecord[] {
  return keyed.map(({ key, value, headers }, index) => ({
    key,
    value,
    headers: {
      ...headers,
      [SOURCE_HEADER]: formatMark({ topic, partition, offset, index }),
      [SOURCE_TIME_HEADER]: String(timestamp),
    },
  }));
}

function* split(records: readonly NewRecord[]): Generator<NewRecord[]> {
  let part: NewRecord[] = [];
  let bytes = 0;
  for (const record of records) {
    if (part.length > 0 && (part.length === MAX_APPEND || bytes + record.value.length > MAX_APPEND_BYTES)) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push(record);
    bytes += record.value.length;
  }
  if (part.length > 0) yield part;
}
