// One worker, as it ships, with 200 Subscriptions to 50 Topics and nothing to do: what it costs,
// and how soon it delivers what comes then.
// Needs Kafka and redis-server. `--seconds 5` for a quick look.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { topicOf } from '../../core/names.ts';
import { openPlace } from '../events/workers/place.ts';
import { loadNow } from '../measure/machine.ts';
import { cpuMsOf, rssMbOf } from '../measure/proc.ts';
import { median, publish, toTable } from '../measure/report.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '30' },
    topics: { type: 'string', default: '50' },
    settle: { type: 'string', default: '15' },
  },
});
const topics = Number(values.topics);
const EACH = 4;
const PARTITIONS = 6;
const SETTLED_WITHIN_MS = 120_000;
const root = join(import.meta.dirname, '../..');

// It runs as it ships: what is bundled needs less memory than its sources.
execFileSync(process.execPath, ['--conditions=tenfold-source', 'scripts/build.ts', 'cli', 'drivers'], { cwd: root });
const resources = (url: string) =>
  [
    `apiVersion: tenfold.dev/v1alpha1\nkind: Function\nmetadata: { name: quick }\nspec: { url: "${url}" }\n`,
    ...Array.from({ length: topics }, (_, topic) =>
      [
        `apiVersion: tenfold.dev/v1alpha1\nkind: Topic\nmetadata: { name: t${topic} }\nspec: { partitions: ${PARTITIONS} }\n`,
        ...Array.from(
          { length: EACH },
          (_, one) =>
            `apiVersion: tenfold.dev/v1alpha1\nkind: Subscription\nmetadata: { name: s${topic}-${one} }\nspec: { topic: t${topic}, to: { function: quick }, from: earliest }\n`,
        ),
      ].join('---\n'),
    ),
  ].join('---\n');

const place = await openPlace({ workMs: 0, resources, main: join(root, 'dist/cli/main.js') });
const arrivals = new Map<string, number[]>();
place.slow.onCall = (id, at) => arrivals.set(id, [...(arrivals.get(id) ?? []), at]);
const startedAt = performance.now();
const worker = await place.startWorker();
const readyMs = performance.now() - startedAt;
const pid = worker.child.pid ?? 0;

/**
 * Publishes one event to a topic, and says how long it takes until the last of its
 * subscriptions has delivered it.
 */
let published = 0;
async function deliveryMs(topic: number, withinMs: number): Promise<number> {
  const id = `e-${published++}`;
  const headers = { ce_specversion: '1.0', ce_id: id, ce_source: '/bench', ce_type: 'OrderCreated' };
  const record = { key: id, value: Buffer.from('{}'), headers: { ...headers, 'content-type': 'application/json' } };
  const began = performance.now();
  await place.log.append(topicOf('default', `t${topic}`), [record]);
  while ((arrivals.get(id)?.length ?? 0) < EACH) {
    if (performance.now() - began > withinMs)
      throw new Error(
        `an event was delivered to ${arrivals.get(id)?.length ?? 0} of ${EACH}: ${worker.output().slice(-2000)}`,
      );
    await sleep(1);
  }
  return Math.max(...(arrivals.get(id) ?? [])) - began;
}
// All of them own their partitions once each topic has been delivered from.
for (let topic = 0; topic < topics; topic++) await deliveryMs(topic, SETTLED_WITHIN_MS);
const settledMs = performance.now() - startedAt;
await sleep(Number(values.settle) * 1000);

const idle: { cpu: number; rss: number }[] = [];
for (let second = 0; second < Number(values.seconds); second += 5) {
  const [before, began] = [cpuMsOf(pid), performance.now()];
  await sleep(5000);
  idle.push({ cpu: ((cpuMsOf(pid) - before) * 100) / (performance.now() - began), rss: rssMbOf(pid) });
}
const delivered: number[] = [];
for (let topic = 0; topic < topics; topic += 2) {
  await sleep(200);
  delivered.push(await deliveryMs(topic, 30_000));
}
await place.close();

const cpu = median(idle.map(sample => sample.cpu));
const rss = Math.max(...idle.map(sample => sample.rss));
const latest = Math.max(...delivered);
const row = (what: string, figure: string, bar = '', isMet?: boolean) => [
  what,
  figure,
  bar === '' ? '' : `${bar}: ${isMet ? 'met' : 'missed'}`,
];
publish('idle-worker', 'A worker with 200 Subscriptions and nothing to do', [
  `\`tenfold worker\` as it ships, with ${topics * EACH} Subscriptions to ${topics} Topics of ${PARTITIONS} partitions, over Kafka (4.3.1, one broker) and Redis. Once each has delivered an event it is left alone for ${values.settle} s and then watched for ${values.seconds} s. Then one event after the other comes to ${delivered.length} of the Topics; the time is from its append until the last of the ${EACH} Subscriptions has called the function.`,
  toTable(
    ['', 'measured', 'bar'],
    [
      row('CPU, % of a core (median of 5 s)', cpu.toFixed(1), '≤ 5', cpu <= 5),
      row('most memory, MiB', rss.toFixed(0), '≤ 400', rss <= 400),
      row('first delivery, ms: median', median(delivered).toFixed(0)),
      row('first delivery, ms: longest', latest.toFixed(0), '≤ 1,000', latest <= 1000),
      row('from its start until it is ready, s', (readyMs / 1000).toFixed(1)),
      row('from its start until all have delivered, s', (settledMs / 1000).toFixed(1)),
    ],
  ),
  loadNow(),
]);
process.exit(0);
