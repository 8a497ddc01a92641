// The pipelines that are simulated: what they are told, and what must come of the events
// by a plain reading of it.
import { fromRecord } from '../../../core/cloudevents/record.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import { compileEvents } from '../../../worker/plan/compile.ts';
import type { PipelinePlan } from '../../../worker/plan/compile-pipelines.ts';
import { resourcesOf } from '../../worker/pipelines/harness.ts';

export const WAYS = ['keyed as the topic', 'keyed otherwise', 'behind a function'] as const;
export const SHAPES = ['tumbling', 'hopping', 'session'] as const;

export const IDLES = ['1s', '5s', '30s', 'never'] as const;
/**
 * Whether events are as old as the log's clock says, or their time runs faster or slower, as
 * where a history is imported.
 */
export const TIMES = ['live', 'imported'] as const;

/** What gives early results; `events` and `both` after so many events. */
export const EARLIES = ['none', 'every', 'events', 'both'] as const;
export const EARLY_EVENTS = 3;

export interface Variant {
  readonly idle: (typeof IDLES)[number];
  readonly time: (typeof TIMES)[number];
  readonly way: (typeof WAYS)[number];
  readonly shape: (typeof SHAPES)[number];
  readonly changes: boolean;
  readonly early: (typeof EARLIES)[number];
  /** Whether the Topic gets more partitions on the way. */
  readonly grows: boolean;
}

export const SOURCES = 3;
/** Partitions of a Topic that has grown. */
export const GROWN = 5;
const SIZE = 10_000;
const EVERY = 4_000;
const GAP = 3_000;
export const DISORDER = 2_000;

/** What keys of events begin with that only say that time has gone on. */
export const END = 'end';

export interface Clicked {
  readonly key: string;
  readonly n: number;
  readonly skip: boolean;
}

interface Planned {
  readonly plan: PipelinePlan;
  readonly resources: ReturnType<typeof resourcesOf>;
}

const made = new Map<string, Planned>();

/**
 * `partitions`: of the Topic, as the resource says. Plans hold nothing that changes, so all runs
 * share them.
 */
export function planOf(variant: Variant, partitions: number): Planned {
  const { way, shape, changes, idle, early } = variant;
  const name = [way, shape, changes, idle, early, partitions].join();
  const known = made.get(name) ?? makePlan(variant, partitions);
  made.set(name, known);
  return known;
}

function makePlan({ way, shape, changes, idle, early }: Variant, partitions: number): Planned {
  const size =
    shape === 'session'
      ? `session: { gap: ${GAP}ms }`
      : shape === 'hopping'
        ? `hopping: { size: ${SIZE}ms, every: ${EVERY}ms }`
        : `tumbling: ${SIZE}ms`;
  const by = '${event.data.key}';
  const window = `{ window: { ${size}, by: "${by}", emit: ${changes ? 'changes' : 'final'}, ${earlyOf(early)}aggregate: { count: count(), sum: sum(event.data.n), most: max(event.data.n) } } }`;
  const steps = [
    '{ filter: "${!event.data.skip}" }',
    ...(way === 'behind a function' ? ['{ map: { function: enrich } }'] : []),
    window,
  ];
  const resources =
    resourcesOf(`kind: Topic; metadata: { name: clicks }; spec: { partitions: ${partitions}${way === 'keyed as the topic' ? `, key: "${by}"` : ''} }
kind: Topic; metadata: { name: results }; spec: { partitions: 2, key: "\${event.subject}" }
kind: Function; metadata: { name: enrich }; spec: { url: "http://enrich.example" }
kind: Pipeline; metadata: { name: counts }; spec: { from: { topic: clicks, start: earliest }, time: { maxDisorder: ${DISORDER}ms, idle: ${idle} }, retry: { attempts: 1000, initial: 200ms, max: 2s }, steps: [${steps.join(', ')}], to: [{ topic: results }] }`);
  const [plan] = compileEvents(resources, { storage: true, kafka: false }).pipelines;
  if (plan === undefined) throw new Error('There is no pipeline.');
  return { plan, resources };
}

function earlyOf(early: Variant['early']): string {
  const every = early === 'events' ? [] : ['every: 1s'];
  const events = early === 'every' ? [] : [`events: ${EARLY_EVENTS}`];
  return early === 'none' ? '' : `early: { ${[...every, ...events].join(', ')} }, `;
}

/** By key, start and end what each window counts. */
export function modelOf({ shape }: Variant, records: readonly LogRecord[]): Map<string, string> {
  const events = records
    .map(record => fromRecord(record))
    .map(({ data, time }) => ({ ...(data as Clicked), time: Date.parse(time ?? '') }))
    .filter(({ skip, key }) => !skip && !key.startsWith(END));
  const windows = new Map<string, number[]>();
  const add = (key: string, start: number, end: number, n: number) => {
    const name = `${key} ${start} ${end}`;
    windows.set(name, [...(windows.get(name) ?? []), n]);
  };
  if (shape === 'session') {
    for (const [key, those] of Map.groupBy(events, event => event.key)) {
      const sorted = those.toSorted((a, b) => a.time - b.time);
      for (let from = 0; from < sorted.length; ) {
        let to = from + 1;
        while (to < sorted.length && (sorted[to]?.time ?? 0) - (sorted[to - 1]?.time ?? 0) <= GAP) to++;
        const session = sorted.slice(from, to);
        for (const { n } of session) add(key, session[0]?.time ?? 0, (session.at(-1)?.time ?? 0) + GAP, n);
        from = to;
      }
    }
  } else {
    const every = shape === 'hopping' ? EVERY : SIZE;
    for (const { key, time, n } of events) {
      for (let start = Math.floor(time / every) * every; start > time - SIZE; start -= every)
        add(key, start, start + SIZE, n);
    }
  }
  return new Map(
    [...windows].map(([name, ns]) => [
      name,
      say(
        ns.length,
        ns.reduce((sum, n) => sum + n, 0),
        Math.max(...ns),
      ),
    ]),
  );
}

export function say(count: unknown, sum: unknown, most: unknown): string {
  return `${count} with ${sum}, most ${most}`;
}
