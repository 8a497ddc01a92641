// Finding events by their names and telling their stories, over the embedded log, and over Kafka,
// Redis and Elasticsearch; while nothing else happens, and while events are published.
// `--events 50000 --ask 100 --log sqlite` for a quick look.
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { EventStory } from '../../admin/story-view.ts';
import type { FoundPage } from '../../admin/topic-view.ts';
import type { NewRecord } from '../../drivers/event-log/event-log.ts';
import type { RunningProcess } from '../../test/processes/start-process.ts';
import { loadNow } from '../measure/machine.ts';
import { publish, toTable } from '../measure/report.ts';
import { openShop, SHOP_PARTITIONS, type Shop, type ShopKind } from './finding/shop.ts';

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '1000000' },
    ask: { type: 'string', default: '1000' },
    log: { type: 'string', default: 'sqlite,kafka' },
    rate: { type: 'string', default: '300' },
    seed: { type: 'string', default: '7' },
  },
});
const events = Number(values.events);
const ask = Number(values.ask);
const rate = Number(values.rate);
const BAR_MS = 100;
const EVENTS_OF_KEY = 100;
const EVENTS_OF_TRACE = 3;
const PAGE = 100;
const MOST_UNDER_WAY = 50;
const MOST_REPEATS = 100;
const REPEAT_AFTER_MS = 50;
const keys = Math.ceil(events / EVENTS_OF_KEY);

const data = JSON.stringify({ orderId: '0193f3a2-17', table: 7, items: 'x'.repeat(146) });
const keyOf = (number: number) => `key-${number % keys}`;
const traceOf = (number: number) => (Math.floor(number / EVENTS_OF_TRACE) + 1).toString(16).padStart(32, '0');
const recordOf = (number: number): NewRecord => ({
  key: keyOf(number),
  value: Buffer.from(data),
  headers: {
    ce_specversion: '1.0',
    ce_id: `event-${number}`,
    ce_source: '/bench',
    ce_type: 'OrderCreated',
    'content-type': 'application/json',
    traceparent: `00-${traceOf(number)}-00f067aa0ba902b7-01`,
  },
});

/** The numbers of events to ask for: the same in each run (Numerical Recipes). */
function* numbers(): Generator<number> {
  for (let state = Number(values.seed); ; ) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield Math.floor((state / 2 ** 32) * events);
  }
}

interface Figures {
  readonly p50: number;
  readonly p99: number;
  readonly most: number;
}

const perKey = Math.min(PAGE, EVENTS_OF_KEY);
/** Each checks its answer. */
const questions: Readonly<Record<string, (number: number, asked: RunningProcess) => Promise<void>>> = {
  'an event by its id': async (number, asked) => {
    await find(asked, `id=event-${number}`, 1);
  },
  'its story, found by its id': async (number, asked) => {
    const [found] = await find(asked, `id=event-${number}`, 1);
    const place = `${found?.partition}-${found?.offset}`;
    const { consumers } = await get<EventStory>(asked, `/api/topics/default/orders/events/${place}/story`);
    const fate = consumers.find(({ consumer }) => consumer.name === 'handled')?.fate;
    if (fate !== 'done') throw new Error(`event-${number} was handled, and its story says ${fate}`);
  },
  [`the ${EVENTS_OF_TRACE} events of a trace`]: async (number, asked) => {
    const first = number - (number % EVENTS_OF_TRACE);
    await find(asked, `trace=${traceOf(number)}`, Math.min(EVENTS_OF_TRACE, events - first));
  },
  'the newest 20 events of a key': async (number, asked) => {
    await find(asked, `key=${keyOf(number)}&limit=20`, 20);
  },
  [`the newest ${perKey} events of a key`]: async (number, asked) => {
    await find(asked, `key=${keyOf(number)}&limit=${perKey}`, perKey);
  },
};

let repeated = 0;

/** A client asks again where the answer is 503; that takes its time. */
async function get<T>(asked: RunningProcess, path: string): Promise<T> {
  let response = await asked.admin(path);
  for (let again = 0; response.status === 503 && again < MOST_REPEATS; again++) {
    repeated++;
    await sleep(REPEAT_AFTER_MS);
    response = await asked.admin(path);
  }
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

/** All that it finds, also where that takes several requests. */
async function find(asked: RunningProcess, query: string, count: number): Promise<FoundPage['items']> {
  const items: FoundPage['items'][number][] = [];
  let after = '';
  do {
    const page = await get<FoundPage>(asked, `/api/events?${query}${after}`);
    items.push(...page.items);
    after = page.next === undefined ? '' : `&after=${encodeURIComponent(page.next)}`;
  } while (after !== '' && items.length < count);
  if (items.length !== count) throw new Error(`${query} found ${items.length} events, and there are ${count}`);
  return items;
}

async function measure(asked: RunningProcess): Promise<ReadonlyMap<string, Figures>> {
  const figures = new Map<string, Figures>();
  for (const [name, question] of Object.entries(questions)) {
    const ms: number[] = [];
    const next = numbers();
    for (let count = 0; count < ask; count++) {
      const number = next.next().value ?? 0;
      const began = performance.now();
      await question(number, asked);
      ms.push(performance.now() - began);
    }
    ms.sort((a, b) => a - b);
    const at = (share: number) => ms[Math.min(ms.length - 1, Math.floor(ms.length * share))] ?? 0;
    figures.set(name, { p50: at(0.5), p99: at(0.99), most: at(1) });
    console.error(`${name}: p50 ${at(0.5).toFixed(1)} ms, p99 ${at(0.99).toFixed(1)} ms`);
  }
  return figures;
}

/** Publishes so many events a second until it is stopped; tells how many were accepted. */
function publishSteadily({ gateway }: Shop): { stop(): Promise<number> } {
  let sent = 0;
  let accepted = 0;
  const began = performance.now();
  const underWay = new Set<Promise<void>>();
  const publishOne = async (number: number) => {
    const headers = {
      'content-type': 'application/json',
      'ce-specversion': '1.0',
      'ce-id': `load-${number}`,
      'ce-source': '/bench/load',
      'ce-type': 'OrderCreated',
    };
    const response = await fetch(`${gateway.addresses.public}/orders`, { method: 'POST', headers, body: data });
    if (response.ok) accepted++;
    await response.arrayBuffer();
  };
  const timer = setInterval(() => {
    for (; sent < ((performance.now() - began) / 1000) * rate && underWay.size < MOST_UNDER_WAY; sent++) {
      const one = publishOne(sent)
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

const NAMES: Readonly<Record<ShopKind, string>> = {
  sqlite: 'SQLite, one process',
  kafka: 'Kafka, Redis and Elasticsearch; a gateway and two workers',
};
const rows: string[][] = [];
const rates: string[] = [];
for (const kind of ['sqlite', 'kafka'] as const) {
  if (!values.log.split(',').includes(kind)) continue;
  const shop = await openShop(kind, events, recordOf, what => console.error(`${kind}: ${what}`));
  try {
    const still = await measure(shop.asked);
    const load = publishSteadily(shop);
    const during = await measure(shop.asked);
    rates.push(`${Math.round(await load.stop())}/s (${NAMES[kind]})`);
    for (const [name, { p50, p99, most }] of still) {
      const loaded = during.get(name);
      const isMet = Math.max(p99, loaded?.p99 ?? 0) <= BAR_MS;
      const cells = [p50, p99, most, loaded?.p50 ?? 0, loaded?.p99 ?? 0].map(ms => ms.toFixed(1));
      rows.push([`${NAMES[kind]}: ${name}`, ...cells, isMet ? 'met' : 'missed']);
    }
  } finally {
    await shop.close();
  }
}
publish('finding', 'Finding events and telling their stories', [
  `${events.toLocaleString('en')} events of 200 bytes in ${SHOP_PARTITIONS} partitions, ${EVENTS_OF_KEY} of each key and ${EVENTS_OF_TRACE} of each trace, all delivered by a Subscription before. ${ask.toLocaleString('en')} of them at random, one request after the other to the admin API over HTTP, each answer checked; those of a story are two requests. Then the same while clients publish: ${rates.join('; ')}. The services, the processes and the clients share the machine. ${repeated} answers were 503, and their requests were made again. Milliseconds.`,
  toTable(['', 'p50', 'p99', 'most', 'under load: p50', 'p99', `bar: p99 ≤ ${BAR_MS}`], rows),
  loadNow(),
]);
process.exit(0);
