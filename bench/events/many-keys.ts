// 100,000 keys in 6 partitions, a function that takes 50 ms, 256 calls in flight: partitions must
// not bound what is called at the same time.
// `--events 20000 --rounds 1` for a quick look.
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { loadNow } from '../measure/machine.ts';
import { cpuMsOf, rssMbOf } from '../measure/proc.ts';
import { median, publish, toTable } from '../measure/report.ts';
import { openPlace, ordersTo, PARTITIONS } from './workers/place.ts';

const { values } = parseArgs({
  options: { events: { type: 'string', default: '100000' }, rounds: { type: 'string', default: '3' } },
});
const events = Number(values.events);
const CONCURRENCY = 256;
const WORK_MS = 50;
const MOST = (CONCURRENCY * 1000) / WORK_MS;

const samples: { rate: number; cpuUs: number; rssMb: number; most: number }[] = [];
for (let round = 0; round < Number(values.rounds); round++) {
  const place = await openPlace({ workMs: WORK_MS, resources: ordersTo(CONCURRENCY) });
  await place.ensureTopic();
  await place.publish(0, events, events);
  const worker = await place.startWorker();
  const pid = worker.child.pid ?? 0;
  const until = async (count: number) => {
    while (place.slow.answered < count) await sleep(2);
    return { at: performance.now(), count: place.slow.answered, cpu: cpuMsOf(pid) };
  };
  // Not the start, and not the end, where fewer are left than could be called.
  const from = await until(events * 0.1);
  const to = await until(events * 0.95);
  const rssMb = rssMbOf(pid);
  const count = to.count - from.count;
  const rate = (count * 1000) / (to.at - from.at);
  samples.push({ rate, cpuUs: ((to.cpu - from.cpu) * 1000) / count, rssMb, most: place.slow.most });
  await until(events);
  await place.close();
}
const of = (figure: keyof (typeof samples)[number]) => median(samples.map(sample => sample[figure]));
const share = of('rate') / MOST;
publish('many-keys', 'A hundred thousand keys in six partitions', [
  `\`tenfold worker\` over Kafka (${PARTITIONS} partitions, one broker) and Redis; ${events.toLocaleString('en')} events of 200 bytes, each of another key, order by key, \`concurrency: ${CONCURRENCY}\`, a function that takes ${WORK_MS} ms. From a tenth of the events to 95% of them; median of ${values.rounds} rounds. A consumer that handles each partition one event after the other would make ${(PARTITIONS * 1000) / WORK_MS} a second.`,
  toTable(
    ['', 'events/s', 'in flight at most', 'CPU µs/event', 'MiB'],
    [
      ['what concurrency and function allow', MOST.toLocaleString('en'), String(CONCURRENCY), '', ''],
      [
        'worker',
        Math.round(of('rate')).toLocaleString('en'),
        of('most').toFixed(0),
        of('cpuUs').toFixed(1),
        of('rssMb').toFixed(0),
      ],
    ],
  ),
  `Bar: within 10% of ${MOST.toLocaleString('en')}: ${(100 * share).toFixed(1)}%, ${share >= 0.9 ? 'met' : 'missed'}. ${loadNow()}`,
]);
process.exit(0);
