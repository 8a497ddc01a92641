// Finds the offset at which a group begins that has never read its topic.
import { TenfoldError } from '../../../core/errors.ts';
import type { EventLog, Position } from '../../../drivers/event-log/event-log.ts';

export type Beginning = 'latest' | 'earliest' | { readonly time: number };

/** Runs before the first member joins. A group that has begun goes on where it is. */
export async function seekBeginning(log: EventLog, group: string, topic: string, from: Beginning): Promise<void> {
  const bounds = await log.bounds(topic);
  if (bounds === undefined) throw new TenfoldError('not-found', `${group}: there is no topic ${topic} in the log`);
  const positions = await log.positions(group, topic);
  // A group with any position has begun. A partition without one was added since, and is read from
  // its start.
  if (positions.some(position => position !== undefined)) return;
  const beginnings = new Map<number, Position>();
  for (const [partition, { start, end }] of bounds.entries()) {
    const offset =
      from === 'earliest' ? start : from === 'latest' ? end : await log.offsetAt(topic, partition, from.time);
    beginnings.set(partition, { offset, metadata: '' });
  }
  try {
    await log.seek(group, topic, beginnings);
  } catch (error) {
    // Another process was faster and has members by now.
    if (!(error instanceof TenfoldError && error.code === 'conflict')) throw error;
  }
}
