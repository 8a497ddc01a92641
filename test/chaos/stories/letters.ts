// The dead letters of a consumer as its topic has them, read by another client than the platform's
// own, and folded by a reading of our own.
import type { SeenRecord } from '../checks/records.ts';

export interface KeptLetter {
  readonly generation: number;
  readonly reason: string;
  readonly attempts: number;
  readonly held: boolean;
}

interface Fields extends KeptLetter {
  readonly type: 'letter' | 'redriven' | 'purged';
  /** Its offset in the source. */
  readonly event: number;
}

const HEADER = 'tenfold-dead';

/** By `PARTITION-OFFSET` of the event. Partitions are those of the source. */
export function keptLetters(partitions: readonly (readonly SeenRecord[])[]): ReadonlyMap<string, KeptLetter> {
  const letters = new Map<string, KeptLetter>();
  /** The generation up to which a person has decided about an event. */
  const decided = new Map<string, number>();
  for (const [partition, records] of partitions.entries()) {
    for (const { headers } of records) {
      const fields: Fields = JSON.parse(String(headers[HEADER]));
      const { type, event, generation, held } = fields;
      const place = `${partition}-${event}`;
      const known = letters.get(place);
      if (type !== 'letter') {
        decided.set(place, Math.max(generation, decided.get(place) ?? -1));
        if ((known?.generation ?? -1) <= generation) letters.delete(place);
        continue;
      }
      const isOld = generation <= (decided.get(place) ?? -1) || generation < (known?.generation ?? -1);
      // Whoever lets its key go on writes the letter anew, as not held. Repeats may follow.
      const isRepeat = known?.generation === generation && held && !known.held;
      if (!isOld && !isRepeat) letters.set(place, fields);
    }
  }
  return letters;
}
