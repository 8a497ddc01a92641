// Tells apart, among the dead letters of one resource that reads several topics, events of the same partition and offset.
import { createHash } from 'node:crypto';
import { LIFE, lifeOf } from '../../drivers/event-log/lives.ts';

/** Offsets of one life are below that; a resource reads few topics, so the rest of a whole number tells them and their lives apart. */
const OFFSETS = 2 ** 40;

/** Takes the place of the offset in a letter: the same for the same event, whoever gives it up and how often; never one of a topic's first life. */
export function letterNumberOf(topic: string, offset: number): number {
  return numberOf(topic, lifeOf(offset)) * OFFSETS + (offset % LIFE);
}

function numberOf(topic: string, life: number): number {
  const hash = createHash('sha256').update(life === 0 ? topic : `${topic}@${life}`);
  return 1 + (hash.digest().readUInt16BE() % 4095);
}
