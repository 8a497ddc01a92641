// One dead letter from its topic.
import { assertKnownVersion } from '../../../core/stored-version.ts';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import type { DeadLetter } from '../settings.ts';
import { DEAD_LETTER_VERSION, decodeDeadRecord } from './dead-letter-codec.ts';

/**
 * Undefined when there is none at this offset of the topic of dead letters. Rejects with
 * `later-release` where a later release has written it.
 */
export async function readLetter(
  log: EventLog,
  deadTopic: string,
  partition: number,
  at: number,
): Promise<DeadLetter | undefined> {
  const { records } = await log.read(deadTopic, partition, at, { maxRecords: 1, maxBytes: 1 });
  const [record] = records;
  const decoded = record?.offset === at ? decodeDeadRecord(partition, record) : undefined;
  if (decoded?.type === 'later')
    assertKnownVersion(`the dead letter at ${partition}/${at} of ${deadTopic}`, decoded.version, DEAD_LETTER_VERSION);
  return decoded?.type === 'letter' ? decoded.letter : undefined;
}
