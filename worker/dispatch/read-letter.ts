// One dead letter from its topic.
import type { EventLog } from '../../drivers/event-log/event-log.ts';
import { decodeDeadRecord } from './dead-letter-codec.ts';
import type { DeadLetter } from './settings.ts';

/** Undefined when there is none at this offset of the topic of dead letters. */
export async function readLetter(
  log: EventLog,
  deadTopic: string,
  partition: number,
  at: number,
): Promise<DeadLetter | undefined> {
  const { records } = await log.read(deadTopic, partition, at, { maxRecords: 1, maxBytes: 1 });
  const [record] = records;
  const decoded = record?.offset === at ? decodeDeadRecord(partition, record) : undefined;
  return decoded?.type === 'letter' ? decoded.letter : undefined;
}
