// A window that counts events where its Topic has them. All events of a key must be in one
// partition; this file finds out when that is no longer so. Then a stage before the windows brings
// events together (../moved-plan.ts), and they go on.
import { TenfoldError } from '../../../core/errors.ts';
import type { EventLog, Position } from '../../../drivers/event-log/event-log.ts';
import { type Growth, whatToDo } from './after-growth.ts';
import { readClock } from './saved-clock.ts';

/** Why a Pipeline counts nothing any more, and what a person does. */
export interface Stop {
  readonly why: string;
  readonly next: string;
}

export interface InPlaceInit extends Omit<Growth, 'log' | 'scopeOf'> {
  readonly log: Pick<EventLog, 'bounds' | 'positions' | 'offsetAt' | 'read'>;
  /** Resource names. */
  readonly source: string;
  readonly pipeline: string;
  readonly id: string;
  /** The id of the same window over a Topic whose resource declares so many partitions. */
  idWith(partitions: number): string;
  /** The number that the resource declares. */
  readonly declared: number;
  /** `id`: of the window. */
  scopeOf(id: string, partition: number): string;
  /** Called when it stops for good. */
  stopped(stop: Stop): void;
  /** Called when keys have moved, once or more often. `counted`: how it was before. */
  moved(counted: CountedBefore): void;
}

/** The counting that went before, and its window. */
export interface CountedBefore {
  readonly partitions: number;
  readonly id: string;
  /** Keys have moved since, and the windows have gone on already. */
  readonly isMoved?: boolean;
}

/**
 * How the windows were counted before, where they are no longer counted in place: undefined where
 * nothing was counted, or nothing stands against it.
 */
export async function whatHasMoved(init: Omit<InPlaceInit, 'stopped' | 'moved'>): Promise<CountedBefore | undefined> {
  const partitions = (await init.log.bounds(init.topic))?.length;
  if (partitions === undefined) return undefined;
  let counted: CountedBefore | undefined;
  const moved = (each: CountedBefore) => {
    counted = each;
  };
  const inPlace = new InPlace({ ...init, stopped: () => undefined, moved }, partitions);
  await inPlace.begin();
  return counted;
}

/** Has stopped already where the window was counted when the Topic had another number. */
export async function countInPlace(init: InPlaceInit): Promise<InPlace> {
  const { log, group, topic } = init;
  const partitions = (await log.bounds(topic))?.length;
  if (partitions === undefined) throw new TenfoldError('not-found', `${group}: there is no topic ${topic} in the log`);
  const inPlace = new InPlace(init, partitions);
  await inPlace.begin();
  return inPlace;
}

export class InPlace {
  /** The partitions of the Topic when its events began to be counted. */
  readonly partitions: number;
  readonly #init: InPlaceInit;
  #stop: Promise<Stop> | undefined;
  #error: TenfoldError | undefined;

  constructor(init: InPlaceInit, partitions: number) {
    this.#init = init;
    this.partitions = partitions;
  }

  /** Looks for what was counted before. */
  async begin(): Promise<void> {
    const counted = (await this.#noted()) ?? (await this.#stored());
    if (counted !== undefined) await this.#halt(counted, this.partitions);
  }

  /** Throws once it has stopped. */
  assertGoesOn(): void {
    if (this.#error) throw this.#error;
  }

  /** The same as `check`, by what the log knew a moment ago: that costs less. */
  async look(): Promise<void> {
    this.assertGoesOn();
    const { log, topic } = this.#init;
    const known = (await log.bounds(topic))?.length;
    if (known !== undefined && known !== this.partitions) throw await this.#halt(this.#own, known);
  }

  /** Asks the log. Rejects, and stops, once the Topic has another number of partitions. */
  async check(): Promise<void> {
    this.assertGoesOn();
    const now = await this.#count();
    if (now !== undefined && now !== this.partitions) throw await this.#halt(this.#own, now);
  }

  /**
   * Rejects, and stops, where a partition is new, or its windows are no longer counted in place, or
   * were when the Topic had another number of partitions. Undefined: they do not say.
   */
  async assertSame(
    partition: number,
    {
      partitions = this.partitions,
      later,
    }: { readonly partitions?: number | undefined; readonly later?: number | undefined },
  ): Promise<void> {
    if (partition >= this.partitions) throw await this.#halt(this.#own, partition + 1);
    const isMoved = later !== undefined;
    if (partitions !== this.partitions || isMoved) {
      throw await this.#halt({ ...this.#own, partitions, isMoved }, this.partitions);
    }
  }

  /**
   * Throws, and stops, where the windows were counted from another Topic: offsets and open windows
   * are those of that one. `counted`: its name in the log; an earlier release does not say.
   */
  assertSource(counted: string | undefined): void {
    const { topic, source, pipeline, stopped } = this.#init;
    if (counted === undefined || counted === topic) return;
    const why = `Pipeline ${pipeline} reads Topic ${source}, and its windows have counted another one (${counted} in the log). It has stopped before it mixes them; nothing is lost.`;
    const next = `Let it read the former Topic again, where it goes on. Or give the Pipeline another name: that one begins anew.`;
    stopped({ why, next });
    this.#error ??= new TenfoldError('conflict', `${why} ${next}`);
    throw this.#error;
  }

  /**
   * The caller has just written its note. Two owners may have begun with different numbers of
   * partitions; the later one stops here, before it counts.
   */
  async assertAgreed(): Promise<void> {
    const counted = await this.#noted();
    if (counted !== undefined) throw await this.#halt(counted, this.partitions);
  }

  /**
   * Throws, and stops, where an event is not in the partition of its key. It was published before
   * the Topic grew, or under another key: events have to be brought together first.
   */
  strayed(key: string, partition: number): never {
    const { source, pipeline } = this.#init;
    const what = `An event of the key "${key}" is in partition ${partition} of Topic ${source}, where that key does not belong.`;
    throw this.#goOn(
      this.#own,
      `${what} Pipeline ${pipeline} brings the events of each key together first from now on.`,
    );
  }

  get #own(): CountedBefore {
    return { partitions: this.partitions, id: this.#init.id };
  }

  async #count(): Promise<number | undefined> {
    const { log, topic } = this.#init;
    // A log may know the number of partitions from a moment ago, but asks for one that it does
    // not know. Events may be in a new partition since.
    const isThere = await log.offsetAt(topic, this.partitions, 0).then(
      () => true,
      error => {
        if (error instanceof TenfoldError && error.code === 'not-found') return false;
        throw error;
      },
    );
    const now = (await log.bounds(topic))?.length;
    return isThere && now !== undefined ? Math.max(now, this.partitions + 1) : now;
  }

  /** Another number of partitions that a note speaks of. */
  async #noted(): Promise<CountedBefore | undefined> {
    const { log, group, topic, id } = this.#init;
    for (const position of await log.positions(group, topic)) {
      const before = position && countedWith(position.metadata, this.#init, this.partitions);
      if (before === undefined) continue;
      if (before.partitions !== this.partitions || before.id !== id || before.isMoved) return before;
    }
    return undefined;
  }

  /** The same by the state: a log forgets the positions of a group that was away for long. */
  async #stored(): Promise<CountedBefore | undefined> {
    const { store, scopeOf, id, topic } = this.#init;
    for (let partition = 0; partition < this.partitions; partition++) {
      const clock = await readClock(store, scopeOf(id, partition));
      const before = isOfTopic(clock, topic) ? clock?.partitions : undefined;
      if (before === undefined) continue;
      if (before !== this.partitions || clock?.later !== undefined)
        return { partitions: before, id, isMoved: clock?.later !== undefined };
    }
    return undefined;
  }

  async #halt(before: CountedBefore, now: number): Promise<TenfoldError> {
    const isLess = before.partitions > now && !before.isMoved;
    if (isLess && (await this.#count()) === now) return this.#haltForGood(before, now);
    const { source, pipeline } = this.#init;
    return this.#goOn(
      before,
      `Topic ${source} has other partitions than when Pipeline ${pipeline} began to count: ${now} instead of ${before.partitions}. It brings the events of each key together first from now on.`,
    );
  }

  #goOn(before: CountedBefore, why: string): TenfoldError {
    this.#error ??= new TenfoldError('conflict', why);
    this.#init.moved(before);
    return this.#error;
  }

  /** The Topic is another one of the same name. */
  async #haltForGood(before: CountedBefore, now: number): Promise<TenfoldError> {
    this.#stop ??= this.#tell(before, now).catch(error => {
      this.#stop = undefined;
      throw error;
    });
    const { why, next } = await this.#stop;
    this.#error ??= new TenfoldError('conflict', `${why} ${next}`);
    return this.#error;
  }

  async #tell({ partitions, id }: CountedBefore, now: number): Promise<Stop> {
    const { source, pipeline, stopped, scopeOf } = this.#init;
    const next = await whatToDo({ ...this.#init, scopeOf: partition => scopeOf(id, partition) });
    const why = `Topic ${source} has ${now} partitions, and had ${partitions} when Pipeline ${pipeline} began to count: it is another Topic of that name. Keys have moved, so windows would be divided; it has stopped before that, and nothing is lost as long as the Topic keeps its events.`;
    const stop = { why, next };
    stopped(stop);
    return stop;
  }
}

/** Whether the state was counted from this topic of the log. An earlier release does not say. */
function isOfTopic(clock: { readonly source?: string | undefined } | undefined, topic: string): boolean {
  return clock?.source === undefined || clock.source === topic;
}

/**
 * The note beside a position: the window, the offset where it began, the partitions that the Topic
 * had.
 */
export function inPlaceNote(id: string, first: number, partitions: number): string {
  return `${id} ${first} ${partitions}`;
}

const MOVED = 'moved';

/** The same once the windows are no longer counted in place. */
export function movedNote({ id, partitions }: Pick<CountedBefore, 'id' | 'partitions'>): string {
  return `${inPlaceNote(id, 0, partitions)} ${MOVED}`;
}

/**
 * The offset at which a window that reads a Topic began. It is written beside the position in the
 * log, which goes on. A store that has lost all of it begins there again; another window begins
 * where the one before it stood.
 */
export function beganAt(committed: Position | undefined, id: string): number {
  const [whose, first] = committed?.metadata.split(' ') ?? [];
  return whose === id ? Number(first) : (committed?.offset ?? 0);
}

/**
 * The partitions of the Topic by the note of a position; undefined: it is of another window, or
 * does not say.
 */
function countedWith(
  note: string,
  { id, idWith, declared }: Pick<InPlaceInit, 'id' | 'idWith' | 'declared'>,
  known: number,
): CountedBefore | undefined {
  const [whose = '', , partitions, moved] = note.split(' ');
  const isMoved = moved === MOVED;
  if (whose === id) return partitions === undefined ? undefined : { partitions: Number(partitions), id, isMoved };
  // The declared number is part of the id. Another process may know of a larger one than this.
  for (let number = Math.max(declared, known, Number(partitions ?? 0)); number > 0; number--) {
    if (idWith(number) === whose) return { partitions: Number(partitions ?? number), id: whose, isMoved };
  }
  return undefined;
}
