// Time without delivery when a worker joins, leaves, or is killed: the longest gap between
// two calls of one partition.
// `--rounds 1` for a quick look.
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { loadNow } from '../measure/machine.ts';
import { median, publish, toTable } from '../measure/report.ts';
import { openPlace, ordersTo, PARTITIONS, partitionOfEvent } from './workers/place.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '3' } } });
const PACE = 600;
const KEYS = 6000;
const WORK_MS = 5;
/** Session timeout of members of a group, as the driver has it. */
const SESSION_MS = 10_000;
const STEADY_MS = 3000;
/** After the change, for what follows from it. */
const AFTER_MS = 6000;

const place = await openPlace({ workMs: WORK_MS, resources: ordersTo(64) });
await place.ensureTopic();
const lastAt = new Array<number>(PARTITIONS).fill(performance.now());
const longest = new Array<number>(PARTITIONS).fill(0);
const times = new Map<string, number>();
place.slow.onCall = (id, at) => {
  times.set(id, (times.get(id) ?? 0) + 1);
  const partition = partitionOfEvent(Number(id), KEYS);
  longest[partition] = Math.max(longest[partition] ?? 0, at - (lastAt[partition] ?? at));
  lastAt[partition] = at;
};
let sent = 0;
let isSending = true;
const sending = (async () => {
  for (const began = performance.now(); isSending; await sleep(5)) {
    const due = Math.floor(((performance.now() - began) / 1000) * PACE) - sent;
    if (due <= 0) continue;
    await place.publish(sent, due, KEYS);
    sent += due;
  }
})();
/** The longest gap of any partition in which this happens, and what follows from it. */
const gapOf = async (change: () => Promise<unknown>, afterMs = AFTER_MS) => {
  await sleep(STEADY_MS);
  longest.fill(0);
  const twice = twiceDelivered();
  await change();
  await sleep(afterMs);
  return { gapMs: Math.max(...longest), twice: twiceDelivered() - twice };
};
const twiceDelivered = () => [...times.values()].reduce((sum, count) => sum + count - 1, 0);

await place.startWorker();
const changes = { join: 'joins', leave: 'leaves (SIGTERM)', kill: 'is killed (SIGKILL)' } as const;
const samples: Record<keyof typeof changes, { gapMs: number; twice: number }[]> = { join: [], leave: [], kill: [] };
const still: number[] = [];
for (let round = 0; round < Number(values.rounds); round++) {
  still.push((await gapOf(async () => {}, STEADY_MS)).gapMs);
  let second: Awaited<ReturnType<typeof place.startWorker>> | undefined;
  const join = async () => {
    second = await place.startWorker();
  };
  const end = async (signal: NodeJS.Signals) => second && (await place.endWorker(second, signal));
  samples.join.push(await gapOf(join));
  samples.leave.push(await gapOf(() => end('SIGTERM')));
  await join();
  await sleep(STEADY_MS);
  samples.kill.push(await gapOf(() => end('SIGKILL'), SESSION_MS + AFTER_MS));
}
isSending = false;
await sending;
for (const limit = Date.now() + 30_000; times.size < sent && Date.now() < limit; ) await sleep(50);
const lost = sent - times.size;
await place.close();

const bars = { join: 3000, leave: 3000, kill: SESSION_MS + 3000 };
const rows = (Object.keys(changes) as (keyof typeof changes)[]).map(kind => {
  const gaps = samples[kind].map(({ gapMs }) => gapMs);
  const bar = bars[kind];
  return [
    `a worker ${changes[kind]}`,
    (median(gaps) / 1000).toFixed(2),
    (Math.max(...gaps) / 1000).toFixed(2),
    median(samples[kind].map(({ twice }) => twice)).toFixed(0),
    `≤ ${bar / 1000} s: ${Math.max(...gaps) <= bar ? 'met' : 'missed'}`,
  ];
});
publish('rebalance', 'Time without delivery when workers come and go', [
  `\`tenfold worker\`, one and a second one, over Kafka (6 partitions, one broker, session timeout ${SESSION_MS / 1000} s) and Redis; ${PACE} events a second in ${KEYS.toLocaleString('en')} keys, order by key, to a function that takes ${WORK_MS} ms. The time is the longest between two calls of one partition, of any, from the change until ${AFTER_MS / 1000} s after it (${(SESSION_MS + AFTER_MS) / 1000} s where it is killed); the bar is for the longest of all ${values.rounds} rounds. While nothing changes it is ${(median(still) / 1000).toFixed(2)} s.`,
  toTable(['', 'median s', 'longest s', 'delivered again', 'bar'], rows),
  `Of ${sent.toLocaleString('en')} events ${lost === 0 ? 'none was lost' : `**${lost} were not delivered**`}. ${loadNow()}`,
]);
process.exit(lost === 0 ? 0 : 1);
