// Puts dead letters of a Subscription of 10,000 keys in 50 groups into a file that nobody has open.
import { deadTopicOf, subscriptionGroupOf } from '../../../core/names.ts';
import { realWorld } from '../../../core/world.ts';
import { createSqliteEventLog } from '../../../drivers/event-log/sqlite/sqlite-event-log.ts';
import { openDatabase } from '../../../drivers/sqlite/open-database.ts';
import { encodeLetter } from '../../../worker/dispatch/dead-letters/dead-letter-codec.ts';

export const LETTER_GROUPS = 50;
export const LETTER_KEYS = 10_000;
/** Of the topic that the Subscription reads. */
export const LETTER_PARTITIONS = 6;
const AT_A_TIME = 1_000;

/** `name`: of a Subscription in the namespace default. */
export async function fillLetters(file: string, name: string, letters: number): Promise<void> {
  const world = realWorld;
  const thread = new URL('../../../drivers/sqlite/thread-main.ts', import.meta.url);
  const database = await openDatabase({ world, file, thread });
  const log = await createSqliteEventLog({ world, database });
  const topic = deadTopicOf(subscriptionGroupOf('default', name));
  await log.ensureTopic(topic, { partitions: LETTER_PARTITIONS });
  const value = Buffer.from(JSON.stringify({ orderId: '0193f3a2-17', table: 7, items: 'x'.repeat(146) }));
  const began = Date.now() - letters;
  for (let from = 0; from < letters; from += AT_A_TIME) {
    const count = Math.min(AT_A_TIME, letters - from);
    await log.append(
      topic,
      Array.from({ length: count }, (_, at) => letter(from + at, began + from + at, value)),
    );
  }
  await log.close();
  await database.close();
}

function letter(number: number, at: number, value: Buffer) {
  const cause = {
    name: 'PriceError',
    message: `no price for item ${number} of table ${number % 97}`,
    at: `handler.ts:${(number % LETTER_GROUPS) + 1}:7`,
  };
  const headers = {
    ce_specversion: '1.0',
    ce_id: `event-${number}`,
    ce_source: '/bench',
    ce_type: 'OrderCreated',
    'content-type': 'application/json',
  };
  return encodeLetter({
    partition: number % LETTER_PARTITIONS,
    offset: Math.floor(number / LETTER_PARTITIONS),
    generation: 0,
    reason: 'exhausted',
    error: { message: 'the function answered 500', status: 500, cause },
    attempts: 5,
    at,
    held: false,
    record: { offset: 0, timestamp: at, key: `key-${number % LETTER_KEYS}`, value, headers },
  });
}
