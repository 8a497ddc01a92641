// The logs that the event plane is tested over: the embedded one, and Kafka where there is one,
// which all tests share under names of their own.
import { createHash } from 'node:crypto';
import { realWorld } from '../../core/world.ts';
import type { EventLog } from '../../drivers/event-log/event-log.ts';
import { openKafkaEventLog } from '../../drivers/event-log/kafka/kafka-event-log.ts';
import { createSqliteEventLog } from '../../drivers/event-log/sqlite/sqlite-event-log.ts';
import type { Database } from '../../drivers/sqlite/database.ts';
import { kafka } from '../services/kafka.ts';
import { findService } from '../services/service.ts';

/** `folder`: of the test; the same one gets the same log again. */
export type OpenLog = (database: Database, folder: string) => Promise<EventLog>;

const embeddedLog: OpenLog = database => createSqliteEventLog({ world: realWorld, database });

/** Defines the same tests over each. */
export function overEachLog(title: string, define: (log: OpenLog) => void): void {
  describe(`${title}, over the embedded log`, () => {
    define(embeddedLog);
  });
  const service = findService(kafka);
  if (!service) return;
  describe(`${title}, over Kafka`, () => {
    define(async (_, folder) => {
      const brokers = service.url().split(',');
      const log = openKafkaEventLog({ world: realWorld, connection: { brokers }, heartbeatMs: 200 });
      return under(`t${createHash('sha256').update(folder).digest('hex').slice(0, 12)}.`, log);
    });
  });
}

/** A part of a log: names of topics and groups begin with `prefix` there. */
function under(prefix: string, log: EventLog): EventLog {
  const to = (name: string) => prefix + name;
  return {
    ...log,
    ensureTopic: (name, settings) => log.ensureTopic(to(name), settings),
    deleteTopic: name => log.deleteTopic(to(name)),
    async topics() {
      const own = (await log.topics()).filter(({ name }) => name.startsWith(prefix));
      return own.map(topic => ({ ...topic, name: topic.name.slice(prefix.length) }));
    },
    bounds: topic => log.bounds(to(topic)),
    append: (topic, records) => log.append(to(topic), records),
    read: (topic, ...rest) => log.read(to(topic), ...rest),
    offsetAt: (topic, ...rest) => log.offsetAt(to(topic), ...rest),
    trim: (topic, ...rest) => log.trim(to(topic), ...rest),
    join: ({ group, topics, assigned }) =>
      log.join({
        group: to(group),
        topics: topics.map(to),
        assigned: owned => assigned({ ...owned, open: (topic, from) => owned.open(to(topic), from) }),
      }),
    positions: (group, topic) => log.positions(to(group), to(topic)),
    seek: (group, topic, positions) => log.seek(to(group), to(topic), positions),
  };
}
