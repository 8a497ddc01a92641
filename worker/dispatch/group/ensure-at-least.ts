// Makes topics, or lets them grow, where several processes do so, some of which know of fewer
// partitions than others.
import { TenfoldError } from '../../../core/errors.ts';
import { COPY_BYTES, type EventLog, type TopicSettings } from '../../../drivers/event-log/event-log.ts';

/**
 * Makes the topic, of copies of events, or lets it grow to so many partitions. A topic with more is
 * left as it is.
 */
export async function ensureAtLeast(
  log: Pick<EventLog, 'ensureTopic'>,
  topic: string,
  settings: TopicSettings,
): Promise<void> {
  try {
    await log.ensureTopic(topic, { ...settings, recordBytes: COPY_BYTES });
  } catch (error) {
    // Another process knows of more partitions, and was faster.
    if (!(error instanceof TenfoldError && error.code === 'conflict')) throw error;
  }
}

/**
 * Lets the topic grow for a record of a partition beyond. `settings` says how many partitions it
 * has at least.
 */
export function createGrowth(
  log: Pick<EventLog, 'ensureTopic'>,
  topic: string,
  settings: TopicSettings,
): (partition: number) => Promise<void> {
  let known = settings.partitions;
  return async partition => {
    if (partition < known) return;
    await ensureAtLeast(log, topic, { ...settings, partitions: partition + 1 });
    known = Math.max(known, partition + 1);
  };
}
