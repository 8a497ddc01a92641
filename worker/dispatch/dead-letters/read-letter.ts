// Dead letters from their topic: one, or those of a page.
import { assertKnownVersion } from '../../../core/stored-version.ts';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import type { DeadLetter } from '../settings.ts';
import { DEAD_LETTER_VERSION, decodeDeadRecord } from './dead-letter-codec.ts';
import { idOf } from './letter-index.ts';
import type { LetterPlace } from './letter-table.ts';

/** A dead letter without its event. */
export interface LetterSummary extends Omit<DeadLetter, 'record'> {
  /** `<partition>-<offset>`, unique within the group. */
  readonly id: string;
  readonly key: string | null;
  /** Offset of the letter in the topic of dead letters. */
  readonly letter: number;
  readonly eventId: string | undefined;
  readonly eventType: string | undefined;
}

/** Letters with fewer records between them are read in one go. */
const NEAR = 8;
const MOST_BYTES = 4 << 20;

/**
 * Undefined when there is none at this offset of the topic of dead letters. Rejects with
 * `later-release` where a later release has written it.
 */
export async function readLetter(
  log: EventLog,
  deadTopic: string,
  partition: number,
  at: number,
): Promise<DeadLetter | undefined> {
  const { records } = await log.read(deadTopic, partition, at, { maxRecords: 1, maxBytes: 1 });
  const [record] = records;
  const decoded = record?.offset === at ? decodeDeadRecord(partition, record) : undefined;
  if (decoded?.type === 'later')
    assertKnownVersion(`the dead letter at ${partition}/${at} of ${deadTopic}`, decoded.version, DEAD_LETTER_VERSION);
  return decoded?.type === 'letter' ? decoded.letter : undefined;
}

/** In the order of `places`, without those that retention has taken meanwhile. */
export async function readSummaries(
  log: EventLog,
  deadTopic: string,
  places: readonly LetterPlace[],
): Promise<LetterSummary[]> {
  const found = new Map<LetterPlace, LetterSummary>();
  const partitions = Map.groupBy(places, ({ partition }) => partition);
  await Promise.all(
    [...partitions].map(async ([partition, inside]) => {
      const sorted = inside.toSorted((a, b) => a.letter - b.letter);
      for (let next = 0; next < sorted.length; )
        next = await readNear(log, { deadTopic, partition }, sorted, next, found);
    }),
  );
  return places.flatMap(place => found.get(place) ?? []);
}

/** Reads the letter at `first` and its neighbours. Returns the first that it has not come to. */
async function readNear(
  log: EventLog,
  { deadTopic, partition }: { readonly deadTopic: string; readonly partition: number },
  sorted: readonly LetterPlace[],
  first: number,
  found: Map<LetterPlace, LetterSummary>,
): Promise<number> {
  const at = (index: number) => sorted[index]?.letter ?? Number.POSITIVE_INFINITY;
  let last = first;
  while (at(last + 1) - at(last) <= NEAR) last++;
  const limits = { maxRecords: at(last) - at(first) + 1, maxBytes: MOST_BYTES };
  const { records, next } = await log.read(deadTopic, partition, at(first), limits);
  let index = first;
  for (const record of records) {
    while (at(index) < record.offset) index++;
    const place = sorted[index];
    if (place?.letter !== record.offset) continue;
    const decoded = decodeDeadRecord(partition, record);
    if (decoded?.type === 'letter') found.set(place, toLetterSummary(place, decoded.letter));
  }
  while (at(index) < next) index++;
  // A log that is asked where it has nothing more must not be asked for ever. It has more where it
  // came further, also without any record.
  return index === first ? last + 1 : index;
}

function toLetterSummary({ letter: at, held }: LetterPlace, letter: DeadLetter): LetterSummary {
  const { record, ...rest } = letter;
  const { ce_id: eventId, ce_type: eventType } = record.headers;
  const id = idOf(letter.partition, letter.offset);
  return { ...rest, held, id, key: record.key, letter: at, eventId, eventType };
}
