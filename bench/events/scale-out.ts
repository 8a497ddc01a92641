// One worker, then two: events to functions that take 20 ms, order by key, 64 calls
// in flight in each worker.
// `--seconds 3 --rounds 1` for a quick look.
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { loadNow } from '../measure/machine.ts';
import { cpuMsOf } from '../measure/proc.ts';
import { median, publish, toTable } from '../measure/report.ts';
import { openPlace, ordersTo } from './workers/place.ts';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '6' }, rounds: { type: 'string', default: '3' } },
});
const seconds = Number(values.seconds);
const rounds = Number(values.rounds);
const CONCURRENCY = 64;
const WORK_MS = 20;
const KEYS = 20_000;
const BAR = 1.9;
/** The most that a worker can do, a second. */
const MOST = (CONCURRENCY * 1000) / WORK_MS;
/** A member that comes or goes, and as much again. */
const SETTLE_MS = 4000;

const place = await openPlace({ workMs: WORK_MS, resources: ordersTo(CONCURRENCY) });
await place.ensureTopic();
// Enough that it never ends: both workers for all the time.
await place.publish(0, Math.ceil(2 * MOST * (3 + rounds * (2 * seconds + 12))), KEYS);

const rateOf = async (pids: readonly number[]) => {
  const [before, cpu, began] = [place.slow.answered, sum(pids.map(cpuMsOf)), performance.now()];
  await sleep(seconds * 1000);
  const count = place.slow.answered - before;
  return {
    rate: (count * 1000) / (performance.now() - began),
    cpuUs: ((sum(pids.map(cpuMsOf)) - cpu) * 1000) / count,
  };
};
const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);

const first = await place.startWorker();
const pid = first.child.pid ?? 0;
const [one, two]: { rate: number; cpuUs: number }[][] = [[], []];
for (let round = 0; round < rounds; round++) {
  await sleep(SETTLE_MS);
  one?.push(await rateOf([pid]));
  const second = await place.startWorker();
  await sleep(SETTLE_MS);
  two?.push(await rateOf([pid, second.child.pid ?? 0]));
  await place.endWorker(second, 'SIGTERM');
}
await place.close();

const rate = (all = one) => median((all ?? []).map(sample => sample.rate));
const cpu = (all = one) => median((all ?? []).map(sample => sample.cpuUs));
const ratio = median((two ?? []).map((sample, round) => sample.rate / (one?.[round]?.rate ?? 1)));
publish('scale-out', 'Scale out: one worker, then two', [
  `\`tenfold worker\` over Kafka (6 partitions, one broker) and Redis, a backlog of events of 200 bytes in ${KEYS.toLocaleString('en')} keys, order by key, \`concurrency: ${CONCURRENCY}\`, a function that takes ${WORK_MS} ms. The second worker comes, ${SETTLE_MS / 1000} s later both are measured for ${seconds} s, and it leaves again. Median of ${rounds} rounds; all on one machine, nothing pinned. CPU is that of the workers.`,
  toTable(
    ['workers', 'events/s', 'of what the function allows', 'CPU µs/event'],
    [
      ['1', one, 1],
      ['2', two, 2],
    ].map(([name, all, count]) => {
      const samples = all as typeof one;
      return [
        String(name),
        Math.round(rate(samples)).toLocaleString('en'),
        `${((100 * rate(samples)) / (MOST * Number(count))).toFixed(0)}%`,
        cpu(samples).toFixed(1),
      ];
    }),
  ),
  `Bar: two workers do at least ${BAR} times what one does: ${ratio.toFixed(2)}, ${ratio >= BAR ? 'met' : 'missed'}. ${loadNow()}`,
]);
process.exit(0);
