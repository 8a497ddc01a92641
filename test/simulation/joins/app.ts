// The joins that are simulated: what they are told, and what must come of the events by a plain
// reading of it.
import { fromRecord } from '../../../core/cloudevents/record.ts';
import { topicOf } from '../../../core/names.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import { compileEvents } from '../../../worker/plan/compile.ts';
import type { PipelinePlan } from '../../../worker/plan/compile-pipelines.ts';
import { resourcesOf } from '../../worker/pipelines/harness.ts';

export const ORDERS = topicOf('default', 'orders');
export const PAYMENTS = topicOf('default', 'payments');
export const RESULTS = topicOf('default', 'results');

export const KINDS = ['inner', 'left', 'outer'] as const;
export const WAYS = ['plain', 'behind a function'] as const;
export const IDLES = ['1s', '5s', 'never'] as const;

export interface Variant {
  readonly kind: (typeof KINDS)[number];
  readonly way: (typeof WAYS)[number];
  readonly idle: (typeof IDLES)[number];
  /** Whether the time of events runs otherwise than the log's clock. */
  readonly imported: boolean;
  /** Whether the Topics get more partitions on the way. */
  readonly grows: boolean;
}

/** Partitions of the Topics, at first and once they have grown. */
export const SOURCES: { readonly [topic: string]: number } = { [ORDERS]: 2, [PAYMENTS]: 3 };
export const GROWN = 4;
const WITHIN = 4_000;
export const DISORDER = 2_000;
/** What keys of events begin with that only say that time has gone on. */
export const END = 'end';

export interface Data {
  readonly key: string;
  readonly n: number;
  readonly skip: boolean;
}

interface Planned {
  readonly plan: PipelinePlan;
  readonly resources: ReturnType<typeof resourcesOf>;
}

const made = new Map<string, Planned>();

/** Plans hold nothing that changes, so all runs share them. */
export function planOf(variant: Variant, hasGrown: boolean): Planned {
  const { kind, way, idle } = variant;
  const name = [kind, way, idle, hasGrown].join();
  const known = made.get(name) ?? makePlan(variant, hasGrown);
  made.set(name, known);
  return known;
}

function makePlan({ kind, way, idle }: Variant, hasGrown: boolean): Planned {
  const key = '${event.data.key}';
  const steps = [
    '{ filter: "${!event.data.skip}" }',
    ...(way === 'behind a function' ? ['{ map: { function: enrich } }'] : []),
    `{ joinTopic: { topic: payments, key: "${key}", otherKey: "${key}", within: ${WITHIN}ms, as: payment, kind: ${kind} } }`,
  ];
  const [orders, payments] = [ORDERS, PAYMENTS].map(topic => (hasGrown ? GROWN : SOURCES[topic]));
  const resources = resourcesOf(`kind: Topic; metadata: { name: orders }; spec: { partitions: ${orders} }
kind: Topic; metadata: { name: payments }; spec: { partitions: ${payments} }
kind: Topic; metadata: { name: results }; spec: { partitions: 2 }
kind: Function; metadata: { name: enrich }; spec: { url: "http://enrich.example" }
kind: Pipeline; metadata: { name: paid }; spec: { from: { topic: orders, start: earliest }, time: { maxDisorder: ${DISORDER}ms, idle: ${idle} }, retry: { attempts: 1000, initial: 200ms, max: 2s }, steps: [${steps.join(', ')}], to: [{ topic: results }] }`);
  const [plan] = compileEvents(resources, { storage: true, kafka: false }).pipelines;
  if (plan === undefined) throw new Error('There is no pipeline.');
  return { plan, resources };
}

interface Model {
  /** Such as `3+7`: the order and the payment. */
  readonly pairs: ReadonlySet<string>;
  /** Such as `3+-` and `-+7`, of those that are reported. */
  readonly alone: ReadonlySet<string>;
}

function modelOf({ kind }: Variant, orders: readonly LogRecord[], payments: readonly LogRecord[]): Model {
  const [left, right] = [eventsOf(orders).filter(({ skip }) => !skip), eventsOf(payments)];
  const pairs = new Set<string>();
  const paired = new Set<number>();
  for (const one of left) {
    for (const other of right) {
      if (one.key !== other.key || Math.abs(one.time - other.time) > WITHIN) continue;
      pairs.add(`${one.n}+${other.n}`);
      paired.add(one.n).add(other.n);
    }
  }
  const alone = new Set<string>();
  if (kind !== 'inner') for (const { n } of left) if (!paired.has(n)) alone.add(`${n}+-`);
  if (kind === 'outer') for (const { n } of right) if (!paired.has(n)) alone.add(`-+${n}`);
  return { pairs, alone };
}

/** Each once, however often it was published. */
function eventsOf(records: readonly LogRecord[]): (Data & { readonly time: number })[] {
  const byId = new Map(records.map(record => [record.headers['ce_id'], fromRecord(record)]));
  return [...byId.values()]
    .map(({ data, time }) => ({ ...(data as Data), time: Date.parse(time ?? '') }))
    .filter(({ key }) => !key.startsWith(END));
}

/** Undefined when all is right. */
export function compare(variant: Variant, history: (topic: string) => readonly LogRecord[]): string | undefined {
  const byId = new Map<string, string>();
  for (const record of history(RESULTS)) {
    const { id, data } = fromRecord(record);
    const { key, n, payment } = data as Partial<Data> & { readonly payment: Data | null };
    if ((key ?? payment?.key ?? END).startsWith(END)) continue;
    const name = `${n ?? '-'}+${payment?.n ?? '-'}`;
    const before = byId.get(id);
    if (before !== undefined && before !== name) return `${id} says ${before}, and then ${name}`;
    byId.set(id, name);
  }
  const found = new Set(byId.values());
  if (found.size < byId.size) return 'a result has two ids';
  const { pairs, alone } = modelOf(variant, history(ORDERS), history(PAYMENTS));
  for (const name of [...pairs, ...alone]) if (!found.has(name)) return `${name} is missing`;
  for (const name of found) {
    if (pairs.has(name) || alone.has(name)) continue;
    // An event is reported alone after a silence, and then another comes that belongs to it.
    if (!name.includes('-') || variant.idle === 'never' || variant.kind === 'inner') return `${name} is too much`;
    if (variant.kind === 'left' && name.startsWith('-')) return `${name} is too much`;
  }
  return undefined;
}
