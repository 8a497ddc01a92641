// One run of a Queue: jobs appended one by one by 64 callers, then worked 64 at a time, with the
// state of every job kept; in one process, without HTTP.
import { pathToFileURL } from 'node:url';
import { JOB_HEADER } from '../../../core/jobs/job-id.ts';
import { createJobSignals } from '../../../core/jobs/job-signals.ts';
import { queueTopicOf } from '../../../core/names.ts';
import { realWorld } from '../../../core/world.ts';
import { createSqliteEventLog } from '../../../drivers/event-log/sqlite/sqlite-event-log.ts';
import { openDatabase } from '../../../drivers/sqlite/open-database.ts';
import { openSqliteStore } from '../../../drivers/store/sqlite/sqlite-store.ts';
import { loadText } from '../../../resources/load/load-text.ts';
import { createResourceSet } from '../../../resources/resource-set.ts';
import { createQueueConsumer } from '../../../worker/deliver/create-consumer.ts';
import { startDispatcher } from '../../../worker/dispatch/dispatcher.ts';
import { queueSettings } from '../../../worker/plan/settings.ts';

const [file = '', thread = '', count = ''] = process.argv.slice(2);
const jobs = Number(count);
const AT_ONCE = 64;
const world = realWorld;
const value = Buffer.from(JSON.stringify({ orderId: '0193f3a2-17', table: 7, items: 'x'.repeat(200 - 54) }));

const { resources } = loadText(
  'app.yaml',
  `
apiVersion: tenfold.dev/v1alpha1
kind: Queue
metadata: { name: bench }
spec: { to: { url: 'http://127.0.0.1:1' }, concurrency: ${AT_ONCE}, partitions: 6 }
`,
);
const set = createResourceSet(resources);
const queue = set.get('Queue', 'default', 'bench');
if (!queue) throw new Error('the queue is not valid');
const database = await openDatabase({ world, file, thread: pathToFileURL(thread) });
const log = await createSqliteEventLog({ world, database });
const store = await openSqliteStore({ world, database });
const topic = queueTopicOf('default', 'bench');
await log.ensureTopic(topic, { partitions: 6 });

const added = await measure(async () => {
  let left = jobs;
  const add = async () => {
    while (left-- > 0) {
      const headers = {
        ce_specversion: '1.0',
        ce_id: String(left),
        ce_source: '/bench',
        ce_type: 'job',
        'content-type': 'application/json',
        [JOB_HEADER]: left.toString(16).padStart(16, '0'),
      };
      await log.append(topic, [{ key: null, value, headers }]);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, add));
});

let done = 0;
const all = Promise.withResolvers<void>();
const caller = { label: 'nobody', call: async () => ({ status: 204, headers: [], body: Buffer.alloc(0) }) };
const { destination, deadLettered } = createQueueConsumer(queue, {
  world,
  log,
  store,
  blobs: undefined,
  signals: createJobSignals(),
  resources: () => set,
  callerOf: () => caller,
  strangerOf: () => caller,
  secrets: () => undefined,
  problem: (message, error) => console.error(message, error),
});
const worked = await measure(async () => {
  await startDispatcher({
    world,
    log,
    settings: queueSettings(queue),
    deadLettered,
    destination: {
      label: destination.label,
      async deliver(items, signal) {
        const outcomes = await destination.deliver(items, signal);
        done += outcomes.filter(({ kind }) => kind === 'done').length;
        if (done >= jobs) all.resolve();
        return outcomes;
      },
    },
  });
  await all.promise;
});
console.log(JSON.stringify({ added: added.rate, addCpuUs: added.cpuUs, worked: worked.rate, workCpuUs: worked.cpuUs }));
process.exit(0);

async function measure(run: () => Promise<void>): Promise<{ rate: number; cpuUs: number }> {
  const before = process.cpuUsage();
  const started = performance.now();
  await run();
  const { user, system } = process.cpuUsage(before);
  return { rate: jobs / ((performance.now() - started) / 1000), cpuUs: (user + system) / jobs };
}
