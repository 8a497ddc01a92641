// A window that counts events where its Topic has them. All events of a key must be in one
// partition; this file finds out when that is no longer so.
import { TenfoldError } from '../../../core/errors.ts';
import type { EventLog, Position } from '../../../drivers/event-log/event-log.ts';

export interface InPlace {
  /** The partitions of the Topic when its events began to be counted. */
  readonly partitions: number;
  /** Rejects once the Topic has another number of partitions. */
  check(): Promise<void>;
  /**
   * Throws where a partition is new, or its windows were counted when the Topic had another number
   * of partitions. Undefined: they do not say.
   */
  assertSame(partition: number, before: number | undefined): void;
}

export interface InPlaceInit {
  readonly group: string;
  /** In the log. */
  readonly topic: string;
  /** Resource names. */
  readonly source: string;
  readonly pipeline: string;
  readonly id: string;
  /** The id of the same window over a Topic whose resource declares so many partitions. */
  idWith(partitions: number): string;
  /** The number that the resource declares. */
  readonly declared: number;
}

/** Rejects where the window was counted when the Topic had another number of partitions. */
export async function countInPlace(log: Pick<EventLog, 'bounds' | 'positions'>, init: InPlaceInit): Promise<InPlace> {
  const { group, topic, source, pipeline } = init;
  const count = async () => (await log.bounds(topic))?.length;
  const grown = (before: number, now: number) =>
    new TenfoldError(
      'conflict',
      `Topic ${source} has ${now} partitions, and had ${before} when Pipeline ${pipeline} began to count. Keys have moved, so their windows would be divided; it has stopped before that, and nothing is lost as long as the Topic keeps its events. Give the Pipeline another name, "start" at a time before the oldest window that was open, and write "by" in other words than "key" of the Topic.`,
    );
  const partitions = await count();
  if (partitions === undefined) throw new TenfoldError('not-found', `${group}: there is no topic ${topic} in the log`);
  for (const position of await log.positions(group, topic)) {
    const before = position && countedWith(position.metadata, init);
    if (before !== undefined && before !== partitions) throw grown(before, partitions);
  }
  return {
    partitions,
    assertSame(partition, before = partitions) {
      if (partition >= partitions) throw grown(partitions, partition + 1);
      if (before !== partitions) throw grown(before, partitions);
    },
    async check() {
      const now = await count();
      if (now !== undefined && now !== partitions) throw grown(partitions, now);
    },
  };
}

/**
 * The note beside a position: the window, the offset where it began, the partitions that the Topic
 * had.
 */
export function inPlaceNote(id: string, first: number, partitions: number): string {
  return `${id} ${first} ${partitions}`;
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
function countedWith(note: string, { id, idWith, declared }: InPlaceInit): number | undefined {
  const [whose, , partitions] = note.split(' ');
  if (whose === id) return partitions === undefined ? undefined : Number(partitions);
  // The declared number is part of the id.
  for (let before = declared - 1; before > 0; before--) if (idWith(before) === whose) return before;
  return undefined;
}
