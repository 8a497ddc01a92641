// The public door with one route that leads to a topic, over the embedded log, over Kafka (BROKERS) or over one that keeps nothing (LOG=none).
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Registry } from 'prom-client';
import { realWorld } from '../../core/world.ts';
import type { EventLog } from '../../drivers/event-log/event-log.ts';
import { openKafkaEventLog } from '../../drivers/event-log/kafka/kafka-event-log.ts';
import { createSqliteEventLog } from '../../drivers/event-log/sqlite/sqlite-event-log.ts';
import { openDatabase } from '../../drivers/sqlite/open-database.ts';
import { openSqliteStore } from '../../drivers/store/sqlite/sqlite-store.ts';
import { createEventDoors } from '../../gateway/accept/event-doors.ts';
import { openDoor } from '../../gateway/doors/door-server.ts';
import { createPublicDoor } from '../../gateway/doors/public-door.ts';
import { createClientReader } from '../../gateway/http/client.ts';
import { createGatewayMetrics } from '../../gateway/metrics.ts';
import { compilePlan } from '../../gateway/plan/compile.ts';
import { createPlanStateStore } from '../../gateway/plan/plan-state.ts';
import { createAddressCheck } from '../../gateway/transport/address-policy.ts';
import { createTransport } from '../../gateway/transport/create-transport.ts';
import { loadText } from '../../resources/load/load-text.ts';
import { createResourceSet } from '../../resources/resource-set.ts';

const { resources, problems } = loadText(
  'app.yaml',
  `
apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: events }
spec: { partitions: 6 }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: events }
spec:
  routes:
    - match: { path: /events, method: POST }
      to: { topic: events }
`,
);
if (problems.length > 0) throw new Error(JSON.stringify(problems));
const folder = process.env['DATA'] ?? '';
const thread = pathToFileURL(join(import.meta.dirname, '../../drivers/sqlite/thread-main.ts'));
const world = realWorld;
const database = await openDatabase({ world, file: join(folder, 'log.db'), thread });
const brokers = process.env['BROKERS']?.split(',');
const kept = brokers
  ? openKafkaEventLog({ world, connection: { brokers } })
  : await createSqliteEventLog({ world, database });
await kept.ensureTopic('default.events', { partitions: 6 });
const nothing: EventLog['append'] = async (_topic, records) => records.map(() => ({ partition: 0, offset: 0 }));
const log: EventLog = process.env['LOG'] === 'none' ? Object.assign(Object.create(kept), { append: nothing }) : kept;
const checkAddress = createAddressCheck({ allowLoopback: true });
const unused = () => {
  throw new Error('nothing is called here');
};
const doors = createEventDoors({
  world,
  log,
  store: await openSqliteStore({ world, database }),
  checkAddress,
  cancelJob: unused,
});
const { plan } = compilePlan(
  createResourceSet(resources),
  {
    world,
    host: { apply() {}, tryAcquire: unused, acquire: unused, status: () => [], async close() {} },
    transport: createTransport({ checkAddress, connectTimeoutMs: 2000 }),
    secrets: () => undefined,
    log() {},
    doors,
  },
  createPlanStateStore().begin(),
);
await openDoor({
  world,
  host: '127.0.0.1',
  port: Number(process.env['PORT']),
  requestTimeoutMs: 30_000,
  maxConnections: 10_000,
  handle: createPublicDoor({
    world,
    plan: () => plan,
    readClient: createClientReader([]),
    answered: createGatewayMetrics(new Registry(), () => []),
  }),
});
process.once('SIGTERM', () => process.exit(0));
