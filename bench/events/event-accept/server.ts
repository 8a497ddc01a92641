// The public listener with one route that leads to a topic, over the embedded log, over
// Kafka (BROKERS) or over one that keeps nothing (LOG=none); with DEDUPLICATE=1 the
// topic takes each event once, and with INDEX=none its events are not indexed.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { realWorld } from '../../../core/world.ts';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import { openKafkaEventLog } from '../../../drivers/event-log/kafka/kafka-event-log.ts';
import { createSqliteEventLog } from '../../../drivers/event-log/sqlite/sqlite-event-log.ts';
import { openDatabase } from '../../../drivers/sqlite/open-database.ts';
import { openSqliteStore } from '../../../drivers/store/sqlite/sqlite-store.ts';
import { createEventEndpoints } from '../../../gateway/endpoints/event-endpoints.ts';
import { checkAddress, compile, measured, neverCalled, resourcesOf, serve } from '../../measure/served.ts';

const resources = resourcesOf(`
apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: events }
spec: { partitions: 6${process.env['DEDUPLICATE'] ? ', deduplicate: { window: 10m }' : ''} }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: events }
spec:
  routes:
    - match: { path: /events, method: POST }
      to: { topic: events }
`);
const folder = process.env['DATA'] ?? '';
const thread = pathToFileURL(join(import.meta.dirname, '../../../drivers/sqlite/thread-main.ts'));
const world = realWorld;
const database = await openDatabase({ world, file: join(folder, 'log.db'), thread });
const brokers = process.env['BROKERS']?.split(',');
const kept = brokers
  ? openKafkaEventLog({ world, connection: { brokers } })
  : await createSqliteEventLog({ world, database });
await kept.ensureTopic('default.events', { partitions: 6 });
const nothing: EventLog['append'] = async (_topic, records) => records.map(() => ({ partition: 0, offset: 0 }));
// The log indexes no topics with dead letters.
const unindexed = 'subscription.default.bench.dead';
await kept.ensureTopic(unindexed, { partitions: 6 });
const elsewhere: EventLog['append'] = (_topic, records) => kept.append(unindexed, records);
const instead = process.env['LOG'] === 'none' ? nothing : process.env['INDEX'] === 'none' ? elsewhere : undefined;
const log: EventLog = instead ? Object.assign(Object.create(kept), { append: instead }) : kept;
const endpoints = createEventEndpoints({
  world,
  log,
  store: await openSqliteStore({ world, database }),
  checkCallback: checkAddress,
  cancelJob: neverCalled,
});
const { plan } = compile(resources, { endpoints });
await serve(plan, measured());
