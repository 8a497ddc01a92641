// What a group needs before its first member joins: its internal topics, and positions to begin at.
import { TenfoldError } from '../../core/errors.ts';
import { deadTopicOf, lotTopicOf } from '../../core/names.ts';
import type { EventLog, TopicSettings } from '../../drivers/event-log/event-log.ts';
import { seekBeginning } from './seek-beginning.ts';
import type { DispatchSettings } from './settings.ts';

/** Answers with the number of partitions. */
export async function startGroup(log: EventLog, settings: DispatchSettings): Promise<number> {
  const { topic, group, from } = settings;
  const bounds = await log.bounds(topic);
  if (bounds === undefined) throw new TenfoldError('not-found', `${group}: there is no topic ${topic} in the log`);
  await ensureGroupTopics(log, settings, bounds.length);
  await seekBeginning(log, group, topic, from);
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
