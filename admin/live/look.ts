// Looks at a platform for the stream of changes: all that lists of the admin API show, without what
// changes by the mere passing of time.
import { TenfoldError } from '../../core/errors.ts';
import { mapAtOnce } from '../../core/map-at-once.ts';
import { toTimestamp, type World } from '../../core/world.ts';
import { fileNamespaces } from '../access/file-namespaces.ts';
import type { ResourceSummary } from '../api.ts';
import type { OperationReport, OperationState } from '../commands/operation-view.ts';
import type { ConsumerReport, ViewReport } from '../event-view.ts';
import { gather } from '../gather.ts';
import type { Gathered } from '../gathered.ts';
import type { PlatformView } from '../platform-view.ts';
import type { Changed, ChangeSubject, ListedSubject, PlatformState } from './change.ts';
import { inPieces } from './in-pieces.ts';
import { createInputs } from './inputs.ts';
import { KeptFinds } from './kept-finds.ts';
import type { Found, Look } from './live-state.ts';
import { summarizeEach } from './resource-summaries.ts';

/** The newest operations are told, and with them those that had not ended when they were. */
const OPERATIONS_TOLD = 100;
const READ_AT_ONCE = 8;
/** Operations are looked for so often while none runs, milliseconds. */
const OPERATIONS_MS = 2_000;
const GOES_ON: ReadonlySet<OperationState> = new Set(['planned', 'running', 'paused', 'stopping']);
/** Ages that differ by less are of one moment: other processes told theirs some time ago. */
const SAME_MS = 3_000;

export type LiveConsumer = Omit<ConsumerReport, 'oldestAgeMs'> & { readonly oldestSince?: string };

/** Each call looks anew. It finds the list of before where nothing has changed. */
export function createLook(view: PlatformView, world: Pick<World, 'monotonic' | 'now' | 'after'>): () => Promise<Look> {
  const operations = operationsOf(view, world);
  const [kept, keptStates] = [new KeptFinds(), new KeptFinds()];
  const compare = createInputs(view);
  let since = new Map<string, number>();
  let states: readonly Found[] = [];
  /** The newest look came to its end; one that failed has compared what it told nobody. */
  let isWhole = false;
  let newest: readonly Found[] = [];
  return async () => {
    // A platform that starts has none of its resources yet, which is not to say that they are gone.
    const isLoaded = view.catalog.current !== undefined;
    const [gathered, listed] = await Promise.all([gather(view), operations()]);
    const { topics, consumers, views, pipelines, fanOuts, functions } = gathered;
    const before = since;
    since = new Map();
    const lists: Readonly<Record<Exclude<ListedSubject, 'platform' | 'resource'>, readonly Changed[] | undefined>> = {
      function: functions.map(one => named('function', 'Function', one)),
      topic: topics?.map(one => named('topic', 'Topic', one)),
      consumer: consumers?.map(one => named('consumer', one.kind, withSince(one, gathered.at, before, since))),
      view: views?.map(one => named('view', 'View', settled(one))),
      pipeline: pipelines?.map(one => named('pipeline', 'Pipeline', one)),
      'fan-out': fanOuts?.map(one => named('fan-out', 'FanOut', one)),
      operation: listed?.map(one => {
        const { id: name, consumer } = one;
        return { what: 'operation', kind: 'Operation', namespace: consumer.namespace, name, value: one };
      }),
    };
    const unknown = [
      ...(isLoaded ? [] : ['resource' as const]),
      ...subjectsOf(lists).filter(what => lists[what] === undefined),
    ];
    const { version, startedAt } = view;
    const state = { version, startedAt: toTimestamp(startedAt), readiness: view.readiness(), unknown };
    const platform: Changed<PlatformState> = { what: 'platform', kind: 'Platform', name: 'platform', value: state };
    const wasWhole = isWhole;
    isWhole = false;
    const all = [platform, ...Object.values(lists).flatMap(list => list ?? [])];
    const [first, ...others] = await inPieces(world, all, one => kept.find(one));
    const { areSame, rest } = compare(gathered);
    const areListsSame = kept.round();
    let areStatesSame = areListsSame && areSame && wasWhole;
    if (!areStatesSame) {
      states = await statesOf(gathered, view, world, keptStates);
      areStatesSame = keptStates.round();
    }
    isWhole = true;
    if (!areListsSame || !areStatesSame || !wasWhole) {
      newest = [...(first ? [first] : []), ...(isLoaded ? states : []), ...others];
    }
    return { found: newest, unknown: new Set(unknown), gathered, rest };
  };
}

async function statesOf(
  gathered: Gathered,
  view: PlatformView,
  world: Pick<World, 'after'>,
  kept: KeptFinds,
): Promise<readonly Found[]> {
  return inPieces(world, [...restrictable(gathered, view)], ({ make, namespaces, makeWithout }) => {
    const one = make();
    if (namespaces === undefined || makeWithout === undefined) return kept.find(named('resource', one.kind, one));
    const without = makeWithout();
    const text = JSON.stringify(named('resource', without.kind, without));
    return kept.find(named('resource', one.kind, one), { namespaces, text });
  });
}

interface Restrictable {
  make(): ResourceSummary;
  /** The namespaces of its file, where that has problems that may be of any of them. */
  readonly namespaces: ReadonlySet<string> | undefined;
  /** The same without problems, for those who may not view all of these namespaces. */
  readonly makeWithout: (() => ResourceSummary) | undefined;
}

function* restrictable(gathered: Gathered, view: PlatformView): Generator<Restrictable> {
  const troubled = new Set(gathered.problems.map(({ file }) => file));
  const shared = new Map([...fileNamespaces(view)].filter(([file, { size }]) => size > 1 && troubled.has(file)));
  const without = shared.size === 0 ? [] : summarizeEach({ ...gathered, problems: [] }, view);
  for (const [at, { file, make }] of summarizeEach(gathered, view).entries()) {
    yield { make, namespaces: shared.get(file), makeWithout: without[at]?.make };
  }
}

function subjectsOf<K extends string>(lists: Readonly<Record<K, unknown>>): K[] {
  return Object.keys(lists) as K[];
}

function named<T extends { readonly namespace: string; readonly name: string }>(
  what: ChangeSubject,
  kind: string,
  value: T,
): Changed<T> {
  return { what, kind, namespace: value.namespace, name: value.name, value };
}

/** An age grows while nothing happens; the moment that it counts from stays. */
function withSince(
  { oldestAgeMs, ...rest }: ConsumerReport,
  now: number,
  before: ReadonlyMap<string, number>,
  since: Map<string, number>,
): LiveConsumer {
  if (oldestAgeMs === undefined) return rest;
  const key = `${rest.kind} ${rest.namespace}/${rest.name}`;
  const found = now - oldestAgeMs;
  const known = before.get(key);
  const moment = known !== undefined && Math.abs(found - known) < SAME_MS ? known : found;
  since.set(key, moment);
  return { ...rest, oldestSince: toTimestamp(moment) };
}

/** A View with no records to fold is as of now, whenever that is. */
function settled({ asOf, ...rest }: ViewReport): Omit<ViewReport, 'asOf'> & { asOf?: string } {
  return rest.behind === 0 || asOf === undefined ? rest : { ...rest, asOf };
}

/**
 * Lists the newest operations, and those from before that go on; undefined when they could not be
 * listed.
 */
function operationsOf(
  { events }: PlatformView,
  world: Pick<World, 'monotonic' | 'now'>,
): () => Promise<readonly OperationReport[] | undefined> {
  let known: readonly OperationReport[] = [];
  let isListed = false;
  let at = Number.NEGATIVE_INFINITY;
  const list = async () => {
    const { items } = await events.operations.list({ limit: OPERATIONS_TOLD });
    const newest = new Set(items.map(({ id }) => id));
    const others = known.filter(one => !newest.has(one.id) && goesOn(one, world.now()));
    const again = ({ id, consumer: { namespace } }: OperationReport) =>
      events.operations.read({ namespace, id }).catch(gone);
    const read = await mapAtOnce(others, READ_AT_ONCE, again);
    return [...items, ...read.filter(one => one !== undefined)];
  };
  return async () => {
    const isRunning = known.some(({ state }) => state === 'running');
    if (isListed && !isRunning && world.monotonic() - at < OPERATIONS_MS) return known;
    at = world.monotonic();
    const found = await list().catch(() => undefined);
    isListed = found !== undefined;
    known = found ?? known;
    return found;
  };
}

/** A plan whose time has passed can be started no more. */
function goesOn({ state, startBy }: OperationReport, now: number): boolean {
  return GOES_ON.has(state) && !(state === 'planned' && Date.parse(startBy) < now);
}

function gone(error: unknown): undefined {
  if (!(error instanceof TenfoldError && error.code === 'not-found')) throw error;
}
