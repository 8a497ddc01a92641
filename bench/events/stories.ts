// The stories of events that many consumers take, over Kafka and Redis: while nothing else happens,
// and while events are published. `--events 2000 --each 2 --ask 100` for a quick look.
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { EventStory } from '../../admin/story-view.ts';
import type { RunningProcess } from '../../test/processes/start-process.ts';
import { loadNow } from '../measure/machine.ts';
import { publish, toTable } from '../measure/report.ts';
import { CROWD_PARTITIONS, type Crowd, openCrowd } from './stories/crowd.ts';

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '20000' },
    each: { type: 'string', default: '1,3,6' },
    ask: { type: 'string', default: '500' },
    rate: { type: 'string', default: '100' },
    brokers: { type: 'string', default: '3' },
    seed: { type: 'string', default: '7' },
  },
});
const events = Number(values.events);
const ask = Number(values.ask);
const rate = Number(values.rate);
const brokers = values.brokers === '1' ? 1 : 3;
const BAR_MS = 100;
const UNDER_WAY = 50;
const KEYS = 200;
const LOOK_MS = 500;

interface Figures {
  readonly p50: number;
  readonly p99: number;
  readonly most: number;
  readonly refused: number;
}

/** The numbers of events to ask for: the same in each run (Numerical Recipes). */
function* numbers(below: number): Generator<number> {
  for (let state = Number(values.seed); ; ) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield Math.floor((state / 2 ** 32) * below);
  }
}

async function publishOne({ gateway }: Crowd, number: number): Promise<void> {
  const response = await fetch(`${gateway.addresses.public}/orders`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'ce-specversion': '1.0',
      'ce-id': `event-${number}`,
      'ce-source': '/bench',
      'ce-type': 'OrderCreated',
    },
    body: JSON.stringify({ id: `order-${number}`, key: `key-${number % KEYS}`, items: 'x'.repeat(146) }),
  });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`event-${number} was answered with ${response.status}`);
}

async function publishAll(crowd: Crowd): Promise<void> {
  let next = 0;
  const publishOn = async () => {
    while (next < events) await publishOne(crowd, next++);
  };
  await Promise.all(Array.from({ length: UNDER_WAY }, publishOn));
}

/** Publishes so many events a second until it is stopped; tells how many were accepted. */
function publishSteadily(crowd: Crowd): { stop(): Promise<number> } {
  let sent = 0;
  let accepted = 0;
  const began = performance.now();
  const underWay = new Set<Promise<void>>();
  const timer = setInterval(() => {
    for (; sent < ((performance.now() - began) / 1000) * rate && underWay.size < UNDER_WAY; sent++) {
      const one: Promise<void> = publishOne(crowd, events + sent)
        .then(() => void accepted++)
        .catch(() => undefined)
        .finally(() => underWay.delete(one));
      underWay.add(one);
    }
  }, 10);
  return {
    async stop() {
      clearInterval(timer);
      await Promise.all(underWay);
      return accepted / ((performance.now() - began) / 1000);
    },
  };
}

/** Undefined where the answer is that it cannot be told at the moment. */
async function tell(asked: RunningProcess, place: string): Promise<EventStory | undefined> {
  const response = await asked.admin(`/api/topics/default/orders/events/${place}/story`);
  if (response.ok) return (await response.json()) as EventStory;
  const why = await response.text();
  if (response.status === 503) return undefined;
  throw new Error(`${place}: ${response.status} ${why}`);
}

/** What is wrong with the story of an event that all consumers have handled. */
function wrongIn({ consumers, ledTo }: EventStory, crowd: Crowd): string | undefined {
  const other = consumers.find(({ fate }) => fate !== 'done');
  if (other !== undefined) return `${other.consumer.kind} ${other.consumer.name} has it as ${other.fate}`;
  if (consumers.length !== crowd.consumers) return `${consumers.length} consumers tell, of ${crowd.consumers}`;
  if (ledTo.length !== crowd.links) return `it has led to ${ledTo.length}, of ${crowd.links}`;
  return undefined;
}

/** The ends of the partitions, once all consumers have handled the last event of each. */
async function settledEnds(crowd: Crowd): Promise<readonly number[]> {
  const ends = await crowd.ends();
  for (const [partition, end] of ends.entries()) {
    const place = `${partition}-${end - 1}`;
    for (let told = 1; ; told++) {
      const [asked] = crowd.workers;
      const story = asked && (await tell(asked, place));
      const wrong = story === undefined ? 'it cannot be told' : wrongIn(story, crowd);
      if (wrong === undefined) break;
      if (told % 20 === 0) console.error(`waiting for ${place}: ${wrong}`);
      await sleep(LOOK_MS);
    }
  }
  return ends;
}

async function measure(crowd: Crowd, ends: readonly number[]): Promise<Figures> {
  const ms: number[] = [];
  const next = numbers(ends.reduce((sum, end) => sum + end, 0));
  let refused = 0;
  for (let count = 0; count < ask; ) {
    let offset = next.next().value ?? 0;
    let partition = 0;
    for (; offset >= (ends[partition] ?? 0); partition++) offset -= ends[partition] ?? 0;
    const asked = crowd.workers[count % crowd.workers.length];
    if (asked === undefined) throw new Error('there is no worker');
    const began = performance.now();
    const story = await tell(asked, `${partition}-${offset}`);
    if (story === undefined) {
      refused++;
      continue;
    }
    ms.push(performance.now() - began);
    const wrong = wrongIn(story, crowd);
    if (wrong !== undefined) throw new Error(`${partition}-${offset}: ${wrong}`);
    count++;
  }
  ms.sort((a, b) => a - b);
  const at = (share: number) => ms[Math.min(ms.length - 1, Math.floor(ms.length * share))] ?? 0;
  const figures = { p50: at(0.5), p99: at(0.99), most: at(1), refused };
  console.error(`p50 ${figures.p50.toFixed(1)} ms, p99 ${figures.p99.toFixed(1)} ms`);
  return figures;
}

const rows: string[][] = [];
const rates: string[] = [];
let refused = 0;
for (const each of values.each.split(',').map(Number)) {
  const crowd = await openCrowd({ ofEach: each, brokers });
  try {
    await publishAll(crowd);
    const ends = await settledEnds(crowd);
    console.error(`${crowd.consumers} consumers have handled all`);
    const still = await measure(crowd, ends);
    const load = publishSteadily(crowd);
    const during = await measure(crowd, ends);
    rates.push(`${Math.round(await load.stop())}/s at ${crowd.consumers} consumers`);
    refused += still.refused + during.refused;
    const isMet = Math.max(still.p99, during.p99) <= BAR_MS;
    const cells = [still.p50, still.p99, still.most, during.p50, during.p99].map(ms => ms.toFixed(1));
    rows.push([`${crowd.consumers} consumers`, ...cells, isMet ? 'met' : 'missed']);
  } finally {
    await crowd.close();
  }
}
publish('stories', 'Stories of events that many consumers take', [
  `Kafka with ${brokers} brokers and Redis; a gateway and three workers. ${events.toLocaleString('en')} events of 200 bytes in ${CROWD_PARTITIONS} partitions. Of the consumers a quarter each are Subscriptions to a function, Subscriptions to a topic of ${CROWD_PARTITIONS} partitions, Views, and Pipelines into a topic of ${CROWD_PARTITIONS} partitions. ${ask.toLocaleString('en')} events at random, one request after the other to the admin API of the workers in turn, each answer checked: all consumers, and all that it has led to. Then the same while clients publish: ${rates.join('; ')}. The services, the processes and the clients share the machine. ${refused} answers were 503, and are not counted. Milliseconds.`,
  toTable(['', 'p50', 'p99', 'most', 'under load: p50', 'p99', `bar: p99 ≤ ${BAR_MS}`], rows),
  loadNow(),
]);
process.exit(0);
