// Watches one generation of a View for all who follow it in this process. Each round sees which
// positions have moved, which keys that touched, and reads only the questions that they concern.
import { TenfoldError } from '../../../core/errors.ts';
import { mapAtOnce } from '../../../core/map-at-once.ts';
import { pauseAfter } from '../../../core/retry/backoff.ts';
import type { ViewDirectory } from '../../../core/views/view-directory.ts';
import { VIEW_CONSUMER, VIEW_ROWS, type ViewLayout } from '../../../core/views/view-layout.ts';
import { sleep, type World } from '../../../core/world.ts';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import type { Resource } from '../../../resources/resource.ts';
import type { ViewStore } from '../view-store.ts';
import { Concerned, type TouchedRow } from './concerned.ts';
import { type AnswerReader, LiveQuestion, MOST_BYTES } from './live-question.ts';
import { type FollowedQuestion, type LiveRead, readLive, rowRead } from './read-live.ts';
import { touchedKeys } from './touched-keys.ts';

export interface WatcherOptions {
  readonly world: World;
  readonly log: Pick<EventLog, 'read'>;
  readonly store: ViewStore;
  readonly views: ViewDirectory;
  /** The View, as the generation was defined. */
  readonly resource: Resource<'View'>;
  readonly layout: ViewLayout;
  /** Told before each round, so that folds in other processes tell of changes. */
  keeps(forMs: number): void;
  /** It has ended: nobody follows, another generation serves, or the View cannot be read. */
  ended(): void;
}

interface Look {
  readonly of: LiveQuestion;
  /** Undefined: it cannot be read. */
  readonly read: LiveRead | undefined;
  readonly error?: TenfoldError;
}

interface Asked {
  readonly of: LiveQuestion;
  readonly looked: PromiseWithResolvers<void>;
}

/** A round begins so long after the one before, and no sooner however many changes come. */
const EVERY_MS = 250;
const LEAST_MS = 10;
/** Questions are read anew after so long in any case; sooner where rows end by time. */
const ANYWAY_MS = 30_000;
const TIMED_MS = 1_000;
/** So many of them in one round. */
const MOST_ANYWAY = 50;
/** A question that nobody follows is kept for so long, for those who connect again. */
const IDLE_MS = 30_000;
const FAILING = { base: 100, max: 2_000 };
/** Followers must know when the View cannot be read for so long. */
const LOST_MS = 10_000;
const KEEPS_MS = 10_000;
const TIDY_MS = 1_000;
/** Questions that are read, and followers that are told, before others get their turn. */
const MOST_READS = 16;
const MOST_TOLD = 256;

export class ViewWatcher {
  readonly layout: ViewLayout;
  readonly #options: WatcherOptions;
  /** The one that was read longest ago is the first. */
  readonly #questions = new Map<string, LiveQuestion>();
  readonly #concerned: Concerned;
  readonly #anywayMs: number;
  #asked: Asked[] = [];
  /** By partition; undefined before the first round. */
  #positions: readonly (number | undefined)[] | undefined;
  #wake: (() => void) | undefined;
  #isWoken = false;
  #bytes = 0;
  #tidiedAt = 0;
  #isOver = false;

  constructor(options: WatcherOptions) {
    const { table, aggregate, ranking, feed } = options.resource.spec;
    this.layout = options.layout;
    this.#options = options;
    this.#concerned = new Concerned((table ?? aggregate)?.indexes ?? []);
    const isTimed = (table?.ttl ?? aggregate?.ttl ?? feed?.ttl ?? ranking?.window) !== undefined;
    this.#anywayMs = isTimed ? TIMED_MS : ANYWAY_MS;
    void this.#run();
  }

  /** The bytes of all answers. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Resolves once the question has an answer; with `anew`, one that was read after the call.
   * Undefined: this watcher is over.
   */
  async ask(question: FollowedQuestion, anew: boolean): Promise<LiveQuestion | undefined> {
    if (this.#isOver) return undefined;
    const name = JSON.stringify(question);
    let of = this.#questions.get(name);
    if (of === undefined) {
      of = new LiveQuestion(question);
      this.#questions.set(name, of);
      this.#concerned.add(of);
    }
    of.idleSince = undefined;
    if (of.answer === undefined || anew) {
      const looked = Promise.withResolvers<void>();
      this.#asked.push({ of, looked });
      this.wake();
      await looked.promise;
    }
    if (of.failure !== undefined) throw of.failure;
    return this.#isOver ? undefined : of;
  }

  /** Something has changed. */
  wake(): void {
    this.#isWoken = true;
    this.#wake?.();
  }

  /** Ends it with its followers. */
  end(reason: string, isLost = false): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.wake();
    const asked = this.#asked.splice(0);
    for (const { looked } of asked) looked.resolve();
    for (const { readers } of this.#questions.values()) for (const reader of [...readers]) reader.end(reason, isLost);
    this.#options.ended();
  }

  async #run(): Promise<void> {
    const { world, resource } = this.#options;
    let failures = 0;
    let rightAt = world.monotonic();
    while (!this.#isOver) {
      this.#isWoken = false;
      const asked = this.#asked.splice(0);
      try {
        await this.#round(asked);
        for (const { looked } of asked) looked.resolve();
        failures = 0;
        rightAt = world.monotonic();
      } catch (error) {
        failures++;
        for (const { looked } of asked) looked.reject(error);
        if (world.monotonic() - rightAt > LOST_MS)
          this.end(`View ${resource.metadata.name} cannot be read at the moment. Connect again.`, true);
      }
      this.#tidy();
      await this.#pause(failures === 0 ? EVERY_MS : pauseAfter(failures, FAILING, world.random()), failures > 0);
    }
  }

  async #pause(ms: number, isFailing: boolean): Promise<void> {
    const { world } = this.#options;
    await sleep(world, isFailing ? ms : LEAST_MS);
    if (isFailing || this.#isWoken || this.#isOver) return;
    const woken = new AbortController();
    this.#wake = () => woken.abort();
    await sleep(world, ms, woken.signal).catch(() => undefined);
    this.#wake = undefined;
  }

  /**
   * Rows are read after the positions, so the next round has all that they lack. A failure
   * leaves the positions as they were, and the next round does all of it again.
   */
  async #round(asked: readonly Asked[]): Promise<void> {
    const { world, keeps, views, resource, layout } = this.#options;
    const { namespace, name } = resource.metadata;
    keeps(KEEPS_MS);
    const positions = await this.#readPositions();
    const serving = await views.serving(namespace, name);
    if (serving?.id !== layout.generation) {
      this.end(`Another generation of View ${name} serves. Connect again and go on.`);
      return;
    }
    const touched = await this.#touched(positions);
    const due = touched ? this.#concerned.by(touched.values()) : new Set(this.#questions.values());
    for (const { of } of asked) due.add(of);
    for (const of of this.#dueAnyway(world.monotonic())) due.add(of);
    const read = await mapAtOnce([...due], MOST_READS, of => this.#read(of, touched));
    // A read of a generation that may have been removed does not count.
    if (!views.isStill(namespace, name, layout.generation))
      throw new TenfoldError('not-ready', `Another generation of View ${name} may serve.`);
    this.#positions = positions;
    await this.#tell(read);
  }

  async #readPositions(): Promise<(number | undefined)[]> {
    const { store, layout } = this.#options;
    const partitions = Array.from({ length: layout.partitions }, (_, partition) => partition);
    return Promise.all(partitions.map(each => store.position(layout.scopeOf(each), VIEW_CONSUMER, each)));
  }

  /** Undefined: anything may have changed. */
  async #touched(positions: readonly (number | undefined)[]): Promise<Map<string, TouchedRow> | undefined> {
    const { log, store, layout } = this.#options;
    const before = this.#positions;
    if (before === undefined) return undefined;
    const touched = new Map<string, TouchedRow>();
    for (const [partition, position] of positions.entries()) {
      if (position === before[partition]) continue;
      if (position === undefined) return undefined;
      const keys = await touchedKeys(log, layout.topic, partition, before[partition] ?? 0, position);
      if (keys === undefined) return undefined;
      const list = [...keys];
      const rows = this.#hasRows ? await store.rows(layout.scopeOf(partition), VIEW_ROWS, list) : [];
      for (const [at, key] of list.entries()) touched.set(key, { key, row: rows[at] });
    }
    return touched;
  }

  get #hasRows(): boolean {
    const { table, aggregate } = this.#options.resource.spec;
    return (table ?? aggregate) !== undefined;
  }

  #dueAnyway(now: number): LiveQuestion[] {
    const due: LiveQuestion[] = [];
    for (const of of this.#questions.values()) {
      if (now - of.lookedAt < this.#anywayMs || due.length === MOST_ANYWAY) break;
      due.push(of);
    }
    return due;
  }

  async #read(of: LiveQuestion, touched: ReadonlyMap<string, TouchedRow> | undefined): Promise<Look> {
    const { store, layout } = this.#options;
    const { question } = of;
    try {
      const known = question.kind === 'row' ? touched?.get(question.key) : undefined;
      return { of, read: known ? rowRead(question, known.row) : await readLive(store, layout, question) };
    } catch (error) {
      if (!(error instanceof TenfoldError) || error.retryable) throw error;
      return { of, read: undefined, error };
    }
  }

  async #tell(looks: readonly Look[]): Promise<void> {
    const now = this.#options.world.monotonic();
    const readers: AnswerReader[] = [];
    for (const { of, read, error } of looks) {
      const name = JSON.stringify(of.question);
      if (read === undefined) {
        this.#fail(name, of, error);
        continue;
      }
      if (this.#questions.delete(name)) this.#questions.set(name, of);
      of.lookedAt = now;
      const before = of.bytes;
      const change = of.become(read.items, read.more, now);
      if (change === undefined) continue;
      this.#bytes += of.bytes - before;
      this.#concerned.moved(of, change);
      if (this.#hasRoomFor(name, of)) readers.push(...of.readers);
    }
    for (let from = 0; from < readers.length; from += MOST_TOLD) {
      for (const reader of readers.slice(from, from + MOST_TOLD)) reader.news();
      await new Promise(resolve => setImmediate(resolve));
    }
  }

  /** Former answers make room; where that is not enough, the followers of this one end. */
  #hasRoomFor(name: string, of: LiveQuestion): boolean {
    if (this.#bytes <= MOST_BYTES) return true;
    this.#bytes = this.#questions.values().reduce((sum, each) => sum + each.forgetFormer(), 0);
    if (this.#bytes <= MOST_BYTES) return true;
    const message = `All followed answers of the View have more than ${MOST_BYTES} bytes. Follow fewer rows with "limit".`;
    this.#fail(name, of, new TenfoldError('overloaded', message, { retryAfterSeconds: 5 }));
    return false;
  }

  #fail(name: string, of: LiveQuestion, error: TenfoldError | undefined): void {
    of.failure = error;
    this.#drop(name, of);
    for (const reader of [...of.readers]) reader.end(`The rows cannot be read: ${error?.message}`, true);
  }

  #drop(name: string, of: LiveQuestion): void {
    this.#questions.delete(name);
    this.#bytes -= of.bytes;
    this.#concerned.remove(of, of.answer?.items.map(({ id }) => id) ?? []);
  }

  #tidy(): void {
    const now = this.#options.world.monotonic();
    if (now - this.#tidiedAt < TIDY_MS) return;
    this.#tidiedAt = now;
    for (const [name, of] of this.#questions) {
      of.idleSince = of.readers.size > 0 ? undefined : (of.idleSince ?? now);
      if (of.idleSince !== undefined && now - of.idleSince > IDLE_MS) this.#drop(name, of);
    }
    if (this.#questions.size === 0) this.end('Nobody follows.');
  }
}
