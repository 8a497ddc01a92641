// The dead letters of a group, for people: list, count by cause, read, redrive, skip, purge. It
// works from the log alone, whichever process owns the partitions.
import { TenfoldError } from '../../../core/errors.ts';
import { deadTopicOf, parkingLogTopicOf } from '../../../core/names.ts';
import { assertKnownVersion } from '../../../core/stored-version.ts';
import type { World } from '../../../core/world.ts';
import type { EventLog, NewRecord } from '../../../drivers/event-log/event-log.ts';
import { encodeParkingLogRecord } from '../../parking-log/parking-log-codec.ts';
import type { DeadLetter } from '../settings.ts';
import { DEAD_LETTER_VERSION, encodeMark, type LetterMark } from './dead-letter-codec.ts';
import type { DeadLetterOptions, DeadLetters, LetterOrder, LetterVerb } from './dead-letter-options.ts';
import type { FoundLetters, LetterGroups, LetterPage } from './found-letters.ts';
import { idOf, type LetterDecision, LetterIndex } from './letter-index.ts';
import { type LetterOutcome, LetterOutcomes, type PlacedOrder } from './letter-outcomes.ts';
import { findAll, groupsOf, type LetterFilter, pageOf } from './letter-query.ts';
import type { LetterPlace } from './letter-table.ts';
import { readLetter, readSummaries } from './read-letter.ts';

/** About 170 MB. */
const MOST_LETTERS = 1_000_000;
/** Shorter than the command line waits for an answer. */
const PATIENCE_MS = 6_000;
const LEFT_AS_THEY_ARE = 'Dead letters that a later release has written are kept, and neither shown nor redriven here';
const NOTHING_CAME = {
  overtaken: {
    code: 'conflict',
    message: (id: string) => `another order for dead letter ${id} overtook this one, which changed nothing`,
  },
  gone: { code: 'not-found', message: (id: string) => `dead letter ${id} has been deleted` },
  unconfirmed: {
    code: 'not-ready',
    message: (id: string) =>
      `another order for dead letter ${id} came first. Both are kept, and no worker has said yet which one counts. The story of the event says it then.`,
  },
} as const;
const READ_LIMITS = { maxRecords: 1000, maxBytes: 4 * 1024 * 1024 };

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
  readonly #outcomes: LetterOutcomes | undefined;
  readonly #patienceMs: number;
  /** By partition: the offset up to which the topic has been folded. */
  readonly #read: number[] = [];
  /** Records of the topic that are read, and all of them, while it is read. */
  #progress = { read: 0, total: 0 };
  #folding: Promise<void> | undefined;
  #isLaterReported = false;

  constructor(
    world: World,
    log: EventLog,
    group: string,
    { most = MOST_LETTERS, patienceMs = PATIENCE_MS, source, final, problem }: DeadLetterOptions,
  ) {
    this.#world = world;
    this.#log = log;
    this.#group = group;
    this.#topic = deadTopicOf(group);
    this.#final = final;
    this.#problem = problem;
    this.#index = new LetterIndex(most);
    this.#patienceMs = patienceMs;
    const name = source === undefined ? undefined : { group, topic: source, parkingLog: parkingLogTopicOf(group) };
    this.#outcomes = name && new LetterOutcomes({ world, log, name, decisions: letters => this.decisions(letters) });
  }

  async count(signal?: AbortSignal): Promise<number> {
    await this.#refresh(signal);
    return this.#index.size + this.#index.later.size;
  }

  async list(filter: LetterFilter, limit: number, after?: string, signal?: AbortSignal): Promise<LetterPage> {
    await this.#refreshSoon(signal);
    const { places, next } = pageOf(this.#index, filter, { limit, after, now: this.#world.now() });
    const { omitted, later } = this.#index;
    const letters = await readSummaries(this.#log, this.#topic, places);
    return { letters, next, omitted, later: later.size };
  }

  async groups(filter: LetterFilter, limit: number, signal?: AbortSignal): Promise<LetterGroups> {
    await this.#refreshSoon(signal);
    const all = groupsOf(this.#index, filter, this.#world.now());
    const { omitted, later } = this.#index;
    const shown = all.slice(0, limit);
    const places = shown.map(({ newest }) => newest);
    const samples = new Map((await readSummaries(this.#log, this.#topic, places)).map(each => [each.id, each]));
    const rest = all.slice(limit);
    return {
      groups: shown.map(({ newest, ...group }) => ({
        ...group,
        newest: samples.get(idOf(newest.partition, newest.offset)),
      })),
      more: { groups: rest.length, letters: rest.reduce((sum, { count }) => sum + count, 0) },
      omitted,
      later: later.size,
    };
  }

  async find(filter: LetterFilter, signal?: AbortSignal): Promise<FoundLetters> {
    await this.#refreshSoon(signal);
    const { omitted, later, groups } = this.#index;
    return { letters: findAll(this.#index, filter, this.#world.now()), groups, omitted, later: later.size };
  }

  async decisions(
    letters: readonly { readonly id: string; readonly as: number }[],
    signal?: AbortSignal,
  ): Promise<readonly (LetterMark | undefined)[]> {
    await this.#refresh(signal);
    return letters.map(({ id, as }) => {
      const { generation = -1, mark } = this.#index.decisionOf(id) ?? {};
      // Only a redriven event has a letter of a later generation.
      if (generation > as || (this.#index.get(id)?.generation ?? -1) > as) return 'redriven';
      return generation === as ? mark : undefined;
    });
  }

  decision(id: string): LetterDecision | undefined {
    return this.#index.decisionOf(id);
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
    if (records.length === 0) return refusals;
    const accepted = orders.filter((_, index) => refusals[index] === undefined);
    const outcomes = (await this.#append(accepted, records, signal)).values();
    return refusals.map((refusal, index) => refusal ?? this.#refusalOf(orders[index]?.id, outcomes.next().value));
  }

  async #append(
    orders: readonly LetterOrder[],
    records: readonly NewRecord[],
    signal: AbortSignal | undefined,
  ): Promise<readonly LetterOutcome[]> {
    const topic = this.#final === undefined ? parkingLogTopicOf(this.#group) : this.#topic;
    const places = orders.map(({ id }) => this.#known(id));
    if (this.#outcomes === undefined || this.#final !== undefined) {
      await this.#log.append(topic, records);
      return orders.map(() => 'done');
    }
    const append = async () => {
      const appended = await this.#log.append(topic, records);
      return places.map(({ partition, offset: event, generation: as }, index): PlacedOrder => {
        return { id: idOf(partition, event), partition, event, as, place: appended[index]?.offset ?? -1 };
      });
    };
    return this.#outcomes.of(append, signal);
  }

  #refusalOf(id: string | undefined, outcome: LetterOutcome | undefined): TenfoldError | undefined {
    if (outcome === undefined || outcome === 'done') return undefined;
    const { code, message } = NOTHING_CAME[outcome === 'gone' || outcome === 'unconfirmed' ? outcome : 'overtaken'];
    return new TenfoldError(code, `${this.#group}: ${message(id ?? '')}`);
  }

  async #orderOne(verb: LetterVerb, one: LetterOrder): Promise<void> {
    const [refusal] = await this.order(verb, [one]);
    if (refusal) throw refusal;
  }

  #encode(verb: LetterVerb, { id, change, generation: wanted }: LetterOrder): NewRecord {
    const { partition, offset: event, generation, letter, held, key } = this.#known(id);
    if (wanted !== undefined && wanted !== generation)
      throw new TenfoldError('conflict', `${this.#group}: ${id} was redriven meanwhile, and given up once more`);
    if (this.#final !== undefined && verb !== 'purge') throw new TenfoldError('conflict', this.#final);
    if (this.#final !== undefined) return encodeMark('purged', partition, event, generation);
    if (verb === 'skip' && !held)
      throw new TenfoldError('conflict', `${this.#group}: ${id} holds up nothing; its key has gone on`);
    const record = change && { offset: event, timestamp: this.#world.now(), key, ...change };
    const asOf = this.#read[partition];
    return encodeParkingLogRecord({ type: 'command', verb, event, generation, letter, asOf, record }, partition);
  }

  /** The first time takes seconds for very many: who asks is told how far it is. */
  async #refreshSoon(signal?: AbortSignal): Promise<void> {
    const late = Promise.withResolvers<void>();
    const timer = this.#world.after(this.#patienceMs, () => late.reject(this.#notRead()));
    try {
      // The reading goes on for the next one who asks.
      await Promise.race([this.#refresh(signal), late.promise]);
    } finally {
      timer.cancel();
    }
  }

  #notRead(): TenfoldError {
    const { read, total } = this.#progress;
    const far = `${read.toLocaleString('en')} of ${total.toLocaleString('en')} records`;
    const message = `${this.#group}: the dead letters are being read, ${far} until now. Ask again in some seconds.`;
    return new TenfoldError('not-ready', message);
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
    const toRead = bounds.map(({ start, end }, at) => Math.max(0, end - Math.max(start, this.#read[at] ?? 0)));
    this.#progress = { read: 0, total: toRead.reduce((sum, each) => sum + each, 0) };
    for (const [partition, { start, end }] of bounds.entries()) {
      this.#index.forgetBefore(partition, start);
      for (let from = Math.max(this.#read[partition] ?? 0, start); from < end; ) {
        signal?.throwIfAborted();
        const batch = await this.#log.read(this.#topic, partition, from, READ_LIMITS);
        for (const record of batch.records) this.#index.add(partition, record);
        if (batch.next <= from) break;
        this.#progress.read += Math.min(batch.next, end) - from;
        from = batch.next;
        this.#read[partition] = from;
      }
    }
  }

  #known(id: string): LetterPlace {
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
