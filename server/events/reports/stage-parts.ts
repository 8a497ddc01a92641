// The knowledge that one process has of the Views, Pipelines and FanOuts that it runs, and how that
// of several processes becomes one.
import * as z from 'zod';

const text = z.string();
const common = {
  namespace: text,
  name: text,
  state: z.enum(['starting', 'running', 'stopped']),
  lastError: text.optional(),
};
const view = z.object({
  ...common,
  folded: z.number(),
  /** Records folded into the generation that is being built. */
  building: z.number(),
  repeated: z.number(),
  refused: z.number(),
  jumped: z.number(),
});
const pipeline = z.object({
  ...common,
  stop: z.object({ why: text, next: text }).optional(),
  handled: z.number(),
  emitted: z.number(),
  late: z.number(),
  filtered: z.number(),
  deduplicated: z.number(),
  unjoined: z.number(),
  /** Milliseconds since 1970. */
  watermark: z.number().optional(),
  /** A process of an earlier version tells nothing of it. */
  joining: z.number().default(0),
  parkedEvents: z.number(),
  repeated: z.number(),
  refused: z.number(),
  jumped: z.number(),
  /** By the steps that are archives. */
  gathered: z.record(text, z.number()),
  /** By the sinks that are tables. A process of an earlier version tells nothing of them. */
  tables: z.record(text, z.object({ written: z.number(), trouble: text.optional() })).default({}),
});
const fanOut = z.object({
  ...common,
  folded: z.number(),
  ended: z.record(text, z.number()),
  /** By the partitions that are read here. */
  positions: z.record(text, z.number()),
});

const source = z.object({
  namespace: text,
  name: text,
  state: z.enum(['starting', 'standby', 'running', 'failing']),
  table: text,
  lastError: text.optional(),
  /** Milliseconds since 1970. */
  failingSince: z.number().optional(),
  read: z.number(),
  waiting: z.number().optional(),
  ageMs: z.number().optional(),
  aside: z.number(),
  rowsAside: z.array(z.object({ id: text, message: text })),
});

export const stageParts = z.object({
  views: z.array(view),
  pipelines: z.array(pipeline),
  fanOuts: z.array(fanOut),
  /** A process of an earlier version tells nothing of them. */
  sources: z.array(source).default([]),
});

export type StageParts = Readonly<z.output<typeof stageParts>>;
export type ViewPart = Readonly<z.output<typeof view>>;
export type PipelinePart = Readonly<z.output<typeof pipeline>>;
export type FanOutPart = Readonly<z.output<typeof fanOut>>;
type AnyPart = ViewPart | PipelinePart | FanOutPart;

/** The state that says most comes first: a process may run none of it. */
const STATES: readonly AnyPart['state'][] = ['stopped', 'running', 'starting'];

/** Several, each with at most `most` parts of a kind; an empty one where there are no parts. */
export function divideParts({ views, pipelines, fanOuts, sources }: StageParts, most: number): StageParts[] {
  const count = Math.max(1, ...[views, pipelines, fanOuts, sources].map(({ length }) => Math.ceil(length / most)));
  return Array.from({ length: count }, (_, at) => {
    const [from, to] = [at * most, (at + 1) * most];
    return {
      views: views.slice(from, to),
      pipelines: pipelines.slice(from, to),
      fanOuts: fanOuts.slice(from, to),
      sources: sources.slice(from, to),
    };
  });
}

/** Gives the parts that have the name of one. Each question of an operator asks for all names. */
export function findByName<T extends AnyPart>(parts: readonly T[]): (own: T) => readonly T[] {
  const keyOf = ({ namespace, name }: T) => `${namespace}/${name}`;
  const known = Map.groupBy(parts, keyOf);
  return own => known.get(keyOf(own)) ?? [];
}

/** `others`: of the same name; so below. */
export function mergeViewParts(own: ViewPart, others: readonly ViewPart[]): ViewPart {
  const all: Parts<ViewPart> = [own, ...others];
  return { ...stateOf(all), ...sumsOf(all, ['folded', 'building', 'repeated', 'refused', 'jumped']) };
}

export function mergePipelineParts(own: PipelinePart, others: readonly PipelinePart[]): PipelinePart {
  const all: Parts<PipelinePart> = [own, ...others];
  const watermarks = all.flatMap(({ watermark }) => watermark ?? []);
  return {
    ...stateOf(all),
    stop: all.find(({ stop }) => stop !== undefined)?.stop,
    watermark: watermarks.length === 0 ? undefined : Math.min(...watermarks),
    gathered: addedUp(all.map(({ gathered }) => gathered)),
    tables: mergeTables(all.map(({ tables }) => tables)),
    ...sumsOf(all, [
      ...(['handled', 'emitted', 'late', 'filtered', 'deduplicated', 'unjoined'] as const),
      ...(['joining', 'parkedEvents', 'repeated', 'refused', 'jumped'] as const),
    ]),
  };
}

type TableParts = PipelinePart['tables'];

function mergeTables(all: readonly TableParts[]): TableParts {
  const merged: TableParts = {};
  for (const [id, { written, trouble }] of all.flatMap(tables => Object.entries(tables))) {
    const before = merged[id] ?? { written: 0 };
    merged[id] = { written: before.written + written, trouble: before.trouble ?? trouble };
  }
  return merged;
}

export function mergeFanOutParts(own: FanOutPart, others: readonly FanOutPart[]): FanOutPart {
  const all: Parts<FanOutPart> = [own, ...others];
  return {
    ...stateOf(all),
    ended: addedUp(all.map(({ ended }) => ended)),
    // A partition that has just moved is in two parts: the later position is true.
    positions: combined(
      all.map(({ positions }) => positions),
      Math.max,
    ),
    ...sumsOf(all, ['folded']),
  };
}

type Parts<T extends AnyPart> = readonly [T, ...T[]];

function stateOf<T extends AnyPart>(all: Parts<T>): Pick<T, 'namespace' | 'name' | 'state' | 'lastError'> {
  const [own] = all;
  return {
    namespace: own.namespace,
    name: own.name,
    state: STATES.find(state => all.some(one => one.state === state)) ?? own.state,
    lastError: all.find(({ lastError }) => lastError !== undefined)?.lastError,
  };
}

function sumsOf<const K extends string>(
  all: readonly Readonly<Record<K, number>>[],
  names: readonly K[],
): Record<K, number> {
  const sums = names.map(name => [name, all.reduce((sum, one) => sum + one[name], 0)]);
  return Object.fromEntries(sums);
}

type Counts = Readonly<Record<string, number>>;

function addedUp(all: readonly Counts[]): Record<string, number> {
  return combined(all, (one, other) => one + other);
}

function combined(all: readonly Counts[], put: (one: number, other: number) => number): Record<string, number> {
  const found = new Map<string, number>();
  for (const [name, value] of all.flatMap(Object.entries<number>)) {
    const known = found.get(name);
    found.set(name, known === undefined ? value : put(known, value));
  }
  return Object.fromEntries(found);
}
