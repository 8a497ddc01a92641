// Numbers dead letters of one resource that reads several topics, so that events of the same
// partition and offset differ.
import { createHash } from 'node:crypto';
import { epochOf, OFFSETS_PER_EPOCH } from '../../drivers/event-log/epochs.ts';

/**
 * Offsets of one epoch are below that. A resource reads few topics, so the rest of a whole number
 * tells them and their epochs apart.
 */
const OFFSETS = 2 ** 40;

/**
 * Takes the place of the offset in a letter. It is the same for the same event, whichever process
 * gives it up and however often. It is never an offset of a topic's first epoch.
 */
export function letterNumberOf(topic: string, offset: number): number {
  return numberOf(topic, epochOf(offset)) * OFFSETS + (offset % OFFSETS_PER_EPOCH);
}

/** The offset that the number was made of, where that is of the first epoch of its topic. */
export function offsetOfLetter(letterNumber: number): number {
  return letterNumber % OFFSETS;
}

function numberOf(topic: string, epoch: number): number {
  const hash = createHash('sha256').update(epoch === 0 ? topic : `${topic}@${epoch}`);
  return 1 + (hash.digest().readUInt16BE() % 4095);
}
