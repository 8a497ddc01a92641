// What a group needs before its first member joins: its internal topics, and positions to begin at.
import { TenfoldError } from '../../core/errors.ts';
import type { EventLog, Position } from '../../drivers/event-log/event-log.ts';
import type { DispatchSettings } from './settings.ts';

export async function startGroup(
  log: EventLog,
  settings: DispatchSettings,
  lotTopic: string,
  deadTopic: string,
): Promise<void> {
  const { topic, group, deadLetterRetention } = settings;
  const bounds = await log.bounds(topic);
  if (bounds === undefined) throw new TenfoldError('not-found', `${group}: there is no topic ${topic} in the log`);
  await log.ensureTopic(lotTopic, { partitions: bounds.length });
  await log.ensureTopic(deadTopic, { partitions: bounds.length, retentionMs: deadLetterRetention });
  const positions = await log.positions(group, topic);
  // With any position the group has begun; what has none then is a partition added since, and is read from its start.
  if (positions.some(position => position !== undefined)) return;
  const beginnings = new Map<number, Position>();
  for (const [partition, { start, end }] of bounds.entries()) {
    const { from } = settings;
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
