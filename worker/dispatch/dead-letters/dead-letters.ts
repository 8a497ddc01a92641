// The dead letters of a group, for people: list, read, redrive, skip, purge. It works from the log
// alone, whichever process owns the partitions.
import { TenfoldError } from '../../../core/errors.ts';
import { deadTopicOf, parkingLogTopicOf } from '../../../core/names.ts';
import { assertKnownVersion } from '../../../core/stored-version.ts';
import type { World } from '../../../core/world.ts';
import type { EventLog, LogRecord, NewRecord } from '../../../drivers/event-log/event-log.ts';
import { encodeParkingLogRecord } from '../../parking-log/parking-log-codec.ts';
import type { DeadLetter } from '../settings.ts';
import { DEAD_LETTER_VERSION, encodeMark } from './dead-letter-codec.ts';
import { LetterIndex, type LetterSummary } from './letter-index.ts';
import { readLetter } from './read-letter.ts';

export type { LetterSummary } from './letter-index.ts';

export interface LetterFilter {
  readonly key?: string | undefined;
  readonly reason?: string | undefined;
  readonly held?: boolean | undefined;
  /** Shortest time since they were given up, milliseconds. */
  readonly olderThanMs?: number | undefined;
  /** Longest time since then. */
  readonly newerThanMs?: number | undefined;
}

export interface LetterPage {
  readonly letters: readonly LetterSummary[];
  /** The value of `after` for the next page. */
  readonly next: string | undefined;
  /** The oldest are not listed when there are too many; there are at least this many. */
  readonly omitted: number;
  /** Letters of a later release, whatever the filter; they are not listed. */
  readonly later: number;
}

/** The fate of a letter. `change`: the data and headers that replace those of the event. */
export type LetterVerb = 'redrive' | 'skip' | 'purge';

export interface LetterOrder {
  readonly id: string;
  readonly change?: Pick<LogRecord, 'value' | 'headers'> | undefined;
}

export interface DeadLetters {
  /** How many there are now, with those of a later release. */
  count(signal?: AbortSignal): Promise<number>;
  /** In the order in which they were given up, the oldest first. */
  list(filter: LetterFilter, limit: number, after?: string, signal?: AbortSignal): Promise<LetterPage>;
  /**
   * `not-found` when there is no letter with this id (`<partition>-<offset>`), or no more;
   * `later-release` when a later release has written it.
   */
  read(id: string, signal?: AbortSignal): Promise<DeadLetter>;
  /**
   * Durable when it resolves. The owner of the partition carries it out, in the key's order.
   * `change`: with these data and headers instead.
   */
  redrive(id: string, change?: Pick<LogRecord, 'value' | 'headers'>): Promise<void>;
  /** Lets the key go on behind a held event. `conflict` when it is not held. */
  skip(id: string): Promise<void>;
  purge(id: string): Promise<void>;
  /**
   * Orders many at once, in one append and in this order. Returns for each why it was refused,
   * undefined for accepted ones. Rejects when the log takes none; after `log-unavailable` any of
   * them may be there.
   */
  order(
    verb: LetterVerb,
    orders: readonly LetterOrder[],
    signal?: AbortSignal,
  ): Promise<readonly (TenfoldError | undefined)[]>;
}

/** About 40 MB of summaries. */
const MOST_LETTERS = 100_000;
const LEFT_AS_THEY_ARE = 'Dead letters that a later release has written are kept, and neither shown nor redriven here';
const READ_LIMITS = { maxRecords: 1000, maxBytes: 4 * 1024 * 1024 };

export interface DeadLetterOptions {
  /** Letters on a page. */
  readonly most?: number;
  /**
   * Why nothing can be redriven: the letters are those of a fold. Its order is that of its topics,
   * and no dispatcher owns them. People can read and purge them.
   */
  readonly final?: string | undefined;
  /** Called when a later release has written some. */
  readonly problem?: ((message: string, error: unknown) => void) | undefined;
}

export function createDeadLetters(
  world: World,
  log: EventLog,
  group: string,
  options: DeadLetterOptions = {},
): DeadLetters {
  return new GroupDeadLetters(world, log, group, options);
}

class GroupDeadLetters implements DeadLetters {
  readonly #world: World;
  readonly #log: EventLog;
  readonly #group: string;
  readonly #topic: string;
  readonly #final: string | undefined;
  readonly #problem: DeadLetterOptions['problem'];
  readonly #index: LetterIndex;
  /** By partition: the offset up to which the topic has been folded. */
  readonly #read: number[] = [];
  #folding: Promise<void> | undefined;
  #isLaterReported = false;

  constructor(world: World, log: EventLog, group: string, { most = MOST_LETTERS, final, problem }: DeadLetterOptions) {
    this.#world = world;
    this.#log = log;
    this.#group = group;
    this.#topic = deadTopicOf(group);
    this.#final = final;
    this.#problem = problem;
    this.#index = new LetterIndex(most);
  }

  async count(signal?: AbortSignal): Promise<number> {
    await this.#refresh(signal);
    return this.#index.size + this.#index.later.size;
  }

  async list(filter: LetterFilter, limit: number, after?: string, signal?: AbortSignal): Promise<LetterPage> {
    await this.#refresh(signal);
    return pageOf(this.#index, filter, limit, after, this.#world.now());
  }

  async read(id: string, signal?: AbortSignal): Promise<DeadLetter> {
    await this.#refresh(signal);
    const { partition, letter } = this.#known(id);
    const found = await readLetter(this.#log, this.#topic, partition, letter);
    if (found === undefined) throw new TenfoldError('not-found', `${this.#group}: dead letter ${id} has been deleted`);
    return found;
  }

  redrive(id: string, change?: LetterOrder['change']): Promise<void> {
    return this.#orderOne('redrive', { id, change });
  }

  skip(id: string): Promise<void> {
    return this.#orderOne('skip', { id });
  }

  purge(id: string): Promise<void> {
    return this.#orderOne('purge', { id });
  }

  async order(
    verb: LetterVerb,
    orders: readonly LetterOrder[],
    signal?: AbortSignal,
  ): Promise<readonly (TenfoldError | undefined)[]> {
    await this.#refresh(signal);
    const records: NewRecord[] = [];
    const refusals = orders.map(each => {
      try {
        records.push(this.#encode(verb, each));
        return undefined;
      } catch (error) {
        if (error instanceof TenfoldError) return error;
        throw error;
      }
    });
    const topic = this.#final === undefined ? parkingLogTopicOf(this.#group) : this.#topic;
    if (records.length > 0) await this.#log.append(topic, records);
    return refusals;
  }

  async #orderOne(verb: LetterVerb, one: LetterOrder): Promise<void> {
    const [refusal] = await this.order(verb, [one]);
    if (refusal) throw refusal;
  }

  #encode(verb: LetterVerb, { id, change }: LetterOrder): NewRecord {
    const { partition, offset: event, generation, letter, held, key } = this.#known(id);
    if (this.#final !== undefined && verb !== 'purge') throw new TenfoldError('conflict', this.#final);
    if (this.#final !== undefined) return encodeMark('purged', partition, event, generation);
    if (verb === 'skip' && !held)
      throw new TenfoldError('conflict', `${this.#group}: ${id} holds up nothing; its key has gone on`);
    const record = change && { offset: event, timestamp: this.#world.now(), key, ...change };
    const asOf = this.#read[partition];
    return encodeParkingLogRecord({ type: 'command', verb, event, generation, letter, asOf, record }, partition);
  }

  /** One fold at a time: two would add the same records. */
  async #refresh(signal?: AbortSignal): Promise<void> {
    while (this.#folding) await this.#folding.catch(() => {});
    this.#folding = this.#fold(signal).finally(() => {
      this.#folding = undefined;
    });
    await this.#folding;
    this.#reportLater();
  }

  async #fold(signal: AbortSignal | undefined): Promise<void> {
    const bounds = (await this.#log.bounds(this.#topic)) ?? [];
    for (const [partition, { start, end }] of bounds.entries()) {
      this.#index.forgetBefore(partition, start);
      for (let from = Math.max(this.#read[partition] ?? 0, start); from < end; ) {
        signal?.throwIfAborted();
        const batch = await this.#log.read(this.#topic, partition, from, READ_LIMITS);
        for (const record of batch.records) this.#index.add(partition, record);
        if (batch.next <= from) break;
        from = batch.next;
        this.#read[partition] = from;
      }
    }
  }

  #known(id: string): LetterSummary {
    this.#assertKnown(id);
    const letter = this.#index.get(id);
    if (letter !== undefined) return letter;
    throw new TenfoldError('not-found', `${this.#group}: there is no dead letter ${id}`);
  }

  #assertKnown(id: string): void {
    const version = this.#index.later.get(id)?.version ?? DEAD_LETTER_VERSION;
    assertKnownVersion(`${this.#group}: dead letter ${id}`, version, DEAD_LETTER_VERSION);
  }

  #reportLater(): void {
    const [first] = this.#index.later.keys();
    if (this.#isLaterReported || first === undefined) return;
    this.#isLaterReported = true;
    try {
      this.#assertKnown(first);
    } catch (error) {
      this.#problem?.(LEFT_AS_THEY_ARE, error);
    }
  }
}

function pageOf(
  index: LetterIndex,
  filter: LetterFilter,
  limit: number,
  after: string | undefined,
  now: number,
): LetterPage {
  const start = after === undefined ? undefined : parsePlace(after);
  const letters = [...index.values()]
    .filter(letter => matches(letter, filter, now) && (start === undefined || isBehind(letter, start)))
    .sort(byPlace);
  const page = letters.slice(0, limit);
  const last = page.at(-1);
  const next = last && letters.length > limit ? placeOf(last) : undefined;
  return { letters: page, next, omitted: index.omitted, later: index.later.size };
}

function matches(letter: LetterSummary, filter: LetterFilter, now: number): boolean {
  const { key, reason, held, olderThanMs, newerThanMs } = filter;
  return (
    (key === undefined || letter.key === key) &&
    (reason === undefined || letter.reason === reason) &&
    (held === undefined || letter.held === held) &&
    (olderThanMs === undefined || now - letter.at >= olderThanMs) &&
    (newerThanMs === undefined || now - letter.at <= newerThanMs)
  );
}

interface Place {
  readonly at: number;
  readonly partition: number;
  readonly offset: number;
}

function byPlace(a: Place, b: Place): number {
  return a.at - b.at || a.partition - b.partition || a.offset - b.offset;
}

const isBehind = (letter: Place, place: Place) => byPlace(letter, place) > 0;

const placeOf = ({ at, partition, offset }: Place) => `${at}.${partition}.${offset}`;

function parsePlace(text: string): Place {
  const [at = Number.NaN, partition = Number.NaN, offset = Number.NaN] = text.split('.').map(Number);
  if (Number.isNaN(at + partition + offset))
    throw new TenfoldError('bad-request', `not a place in a list of dead letters: ${text}`);
  return { at, partition, offset };
}
