// Prepares a group before its first member joins: makes its internal topics and sets its first
// positions.
import { TenfoldError } from '../../../core/errors.ts';
import { deadTopicOf, parkingLogTopicOf } from '../../../core/names.ts';
import { epochOf } from '../../../drivers/event-log/epochs.ts';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import type { DispatchSettings } from '../settings.ts';
import { ensureAtLeast } from './ensure-at-least.ts';
import { seekBeginning } from './seek-beginning.ts';

/** Answers with the number of partitions. */
export async function startGroup(log: EventLog, settings: DispatchSettings): Promise<number> {
  const { topic, group, from } = settings;
  const bounds = await log.bounds(topic);
  if (bounds === undefined) throw new TenfoldError('not-found', `${group}: there is no topic ${topic} in the log`);
  await ensureGroupTopics(log, settings, bounds.length);
  // A deleted topic takes its positions with it: all of a topic that was made again is new to the
  // group.
  const isNew = epochOf(bounds[0]?.start ?? 0) === 0 || (await isEmpty(log, parkingLogTopicOf(group)));
  await seekBeginning(log, group, topic, isNew ? from : 'earliest');
  return bounds.length;
}

/** Every owner leaves a claim in it. */
async function isEmpty(log: EventLog, parkingLog: string): Promise<boolean> {
  return ((await log.bounds(parkingLog)) ?? []).every(({ start, end }) => end === start && epochOf(end) === 0);
}

/** Partition n of each belongs to partition n of the source. */
export async function ensureGroupTopics(log: EventLog, settings: DispatchSettings, partitions: number): Promise<void> {
  const { group, deadLetterRetention } = settings;
  await ensureAtLeast(log, parkingLogTopicOf(group), { partitions });
  await ensureAtLeast(log, deadTopicOf(group), { partitions, retentionMs: deadLetterRetention });
}
