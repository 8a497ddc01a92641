// What a group needs before its first member joins: its internal topics, and positions to begin at.
import { TenfoldError } from '../../core/errors.ts';
import { deadTopicOf, lotTopicOf } from '../../core/names.ts';
import type { EventLog, Position, TopicSettings } from '../../drivers/event-log/event-log.ts';
import type { DispatchSettings } from './settings.ts';

/** Answers with the number of partitions. */
export async function startGroup(log: EventLog, settings: DispatchSettings): Promise<number> {
  const { topic, group, from } = settings;
  const bounds = await log.bounds(topic);
  if (bounds === undefined) throw new TenfoldError('not-found', `${group}: there is no topic ${topic} in the log`);
  await ensureGroupTopics(log, settings, bounds.length);
  const positions = await log.positions(group, topic);
  // With any position the group has begun; what has none then is a partition added since, and is read from its start.
  if (positions.some(position => position !== undefined)) return bounds.length;
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
  return bounds.length;
}

/** Partition n of each belongs to partition n of the source. */
export async function ensureGroupTopics(log: EventLog, settings: DispatchSettings, partitions: number): Promise<void> {
  const { group, deadLetterRetention } = settings;
  await ensureAtLeast(log, lotTopicOf(group), { partitions });
  await ensureAtLeast(log, deadTopicOf(group), { partitions, retentionMs: deadLetterRetention });
}

async function ensureAtLeast(log: EventLog, topic: string, settings: TopicSettings): Promise<void> {
  try {
    await log.ensureTopic(topic, settings);
  } catch (error) {
    // Another member knows of more partitions, and was faster.
    if (!(error instanceof TenfoldError && error.code === 'conflict')) throw error;
  }
}
