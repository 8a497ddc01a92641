// The process that is killed: a log, and dispatchers whose destination does as the event's type
// says. It says `settled` once all is durable that it will do.
import { realWorld } from '../../../core/world.ts';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import { openKafkaEventLog } from '../../../drivers/event-log/kafka/kafka-event-log.ts';
import type { Destination, Outcome } from '../../../worker/deliver/destination.ts';
import { createDeadLetters } from '../../../worker/dispatch/dead-letters/dead-letters.ts';
import { startDispatcher } from '../../../worker/dispatch/dispatcher.ts';
import { parseCommit } from '../../../worker/parking-log/commit.ts';
import type { ConsumerPlan } from '../../../worker/plan/topic-plan.ts';
import { openLog } from '../../drivers/event-log/sqlite/open-log.ts';
import { eventually } from '../../eventually.ts';
import { early, late } from './consumers.ts';

const [, , driver = '', place = '', topic = ''] = process.argv;

const OUTCOMES: Readonly<Record<string, Outcome>> = {
  Fails: { kind: 'failed', retryable: true, error: { status: 500, message: 'no price' } },
  Refused: { kind: 'failed', retryable: false, error: { status: 422, message: 'no such cup' } },
};
const destination: Destination = {
  label: 'function wall',
  deliver: async items => items.map(({ record }) => OUTCOMES[record.headers['ce_type'] ?? ''] ?? { kind: 'done' }),
};
const EVENTS = [
  ['Ignored', 'a', '{"cups":1}'],
  ['Fine', 'a', '{"cups":1}'],
  ['Fails', 'b', '{"cups":1}'],
  ['Fine', 'b', '{"cups":1}'],
  ['Refused', 'c', '{"cups":1}'],
  ['Fine', 'd', '{}'],
] as const;

const open = (): Promise<EventLog> | EventLog =>
  driver === 'sqlite'
    ? openLog(place)
    : openKafkaEventLog({ world: realWorld, connection: { brokers: place.split(',') } });
const log = await open();
await log.ensureTopic(topic, { partitions: 1 });
const start = async ({ settings }: ConsumerPlan) => {
  await startDispatcher({ world: realWorld, log, settings, destination, limits: { commitEveryMs: 50 } });
};
for (const plan of early(topic)) await start(plan);
for (const [index, [type, key, data]] of EVENTS.entries()) {
  const headers = {
    ce_specversion: '1.0',
    ce_id: `e${index}`,
    ce_source: '/shop',
    ce_type: type,
    'content-type': 'application/json',
  };
  await log.append(topic, [{ key, value: Buffer.from(data), headers, partition: 0 }]);
}
await start(late(topic));
const isSettled = async ({ settings: { group } }: ConsumerPlan, letters: number) => {
  const [position] = await log.positions(group, topic);
  const { top, holes } = parseCommit(position);
  const { length } = (await createDeadLetters(realWorld, log, group).list({}, 10)).letters;
  return top === EVENTS.length && holes.length === 0 && length === letters;
};
const [wall, strict] = early(topic);
await eventually(async () => {
  return wall !== undefined && strict !== undefined && (await isSettled(wall, 2)) && (await isSettled(strict, 1));
}, 'all is durable');
process.send?.('settled');
