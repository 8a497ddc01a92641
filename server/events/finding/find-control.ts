// Finds events for the admin API in the Topics and Queues of a namespace, one after the other, each
// request bounded in what it takes.
import type { EventOwner, FindControl, FindQuery, FoundEvent, FoundPage, LookedIn } from '../../../admin/topic-view.ts';
import { idOfRecord, tracesOfRecord } from '../../../core/cloudevents/record-names.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { FairPlaces } from '../../../core/fair-places.ts';
import { formatJobId, JOB_HEADER } from '../../../core/jobs/job-id.ts';
import { queueTopicOf } from '../../../core/names.ts';
import type { World } from '../../../core/world.ts';
import type { EventIndex, IndexedField } from '../../../drivers/event-index/event-index.ts';
import type { EventLog, LogRecord } from '../../../drivers/event-log/event-log.ts';
import type { ResourceSet } from '../../../resources/resource-set.ts';
import { logTopicOf } from '../../../worker/plan/compile.ts';
import { toTopicEvent } from '../topics/topic-event.ts';
import { remaining } from '../topics/topic-places.ts';
import { findInTopic } from './find-in-topic.ts';
import { type FindJobDeps, findJob } from './find-job.ts';
import { decodeNext, encodeNext } from './find-next.ts';
import { placesBetween } from './places-between.ts';

export interface FindOptions {
  readonly world: World;
  readonly log: Pick<EventLog, 'bounds' | 'offsetAt' | 'read'>;
  /** Jobs have rows there. */
  readonly store: FindJobDeps['store'];
  /** Undefined: all is read. */
  readonly index: EventIndex | undefined;
  resources(): ResourceSet;
  /** Bounds of one request; for tests. */
  readonly budget?: Partial<FindBounds>;
}

export interface FindBounds {
  readonly records: number;
  readonly bytes: number;
  readonly ms: number;
}

/** A Topic or a Queue, and its topic in the log. */
interface Site {
  readonly owner: EventOwner;
  readonly topic: string;
}

interface Wanted {
  readonly field: IndexedField;
  readonly value: string;
  matches(record: LogRecord): boolean;
}

const BOUNDS: FindBounds = { records: 200_000, bytes: 64 << 20, ms: 1500 };
/** Requests that look at a time, and those of one namespace; others wait. */
const SEARCHES = 4;
const SEARCHES_OF_ONE = 3;
const WAITING = 16;
const WAIT_MS = 5_000;

export function createFindControl(options: FindOptions): FindControl {
  const { world } = options;
  const bounds = { ...BOUNDS, ...options.budget };
  const turns = new FairPlaces({
    world,
    places: SEARCHES,
    waiting: WAITING,
    waitMs: WAIT_MS,
    what: 'searches for events',
  });
  return {
    async find(query, signal) {
      const sites = sitesOf(options.resources(), query);
      const wanted = query.job === undefined ? wantedOf(query) : undefined;
      const end = await turns.take(query.namespace, SEARCHES_OF_ONE, signal);
      try {
        if (query.job !== undefined) return await findJob(options, query, query.job, toFound);
        if (wanted !== undefined) return await findAll(options, bounds, { sites, wanted, query, signal });
      } finally {
        end();
      }
      throw new TenfoldError('bad-request', 'Say exactly one of "id", "key", "trace" and "job".');
    },
  };
}

interface Search {
  readonly sites: readonly Site[];
  readonly wanted: Wanted;
  readonly query: FindQuery;
  readonly signal: AbortSignal;
}

async function findAll(options: FindOptions, bounds: FindBounds, search: Search): Promise<FoundPage> {
  const { world, log, index } = options;
  const { wanted, query, signal } = search;
  const { at, begun } = beginningOf(search);
  const budget = { records: bounds.records, bytes: bounds.bytes, deadline: world.monotonic() + bounds.ms };
  const items: (FoundEvent & { readonly time: number })[] = [];
  const looked: LookedIn[] = [];
  let scanned = 0;
  let unindexed = 0;
  const report = () => ({ items: inTime(items), looked, scanned, unindexed });
  for (const [number, { owner, topic }] of search.sites.entries()) {
    if (number < at) continue;
    const from = (number === at ? begun : undefined) ?? (await placesBetween(log, topic, query));
    const limit = query.limit - items.length;
    const found = await findInTopic({
      world,
      log,
      index,
      topic,
      ...wanted,
      places: from.places,
      limit,
      budget,
      signal,
    });
    items.push(
      ...found.hits.map(hit => ({ ...toFound(owner, hit.partition, hit.record), time: hit.record.timestamp })),
    );
    looked.push({ owner, done: Math.max(0, from.total - remaining(found.rest)), total: from.total });
    scanned += found.scanned;
    unindexed += found.unindexed;
    const rest = search.sites.length - number - 1;
    const isLast = rest === 0 && found.ended === 'end';
    const ended = found.ended === 'end' && items.length >= query.limit ? 'limit' : found.ended;
    if (isLast) return { ...report(), ended: 'end', rest };
    if (ended === 'end') continue;
    const next = encodeNext(owner, topic, { places: found.rest, total: from.total, all: false });
    return { ...report(), ended, rest, next };
  }
  return { ...report(), ended: 'end', rest: 0 };
}

/** The number of the site to begin with, and the places there; undefined: all of it. */
function beginningOf({ sites, query: { after } }: Search) {
  if (after === undefined) return { at: 0, begun: undefined };
  for (const [at, { owner, topic }] of sites.entries()) {
    const begun = decodeNext(owner, topic, after);
    if (begun !== undefined) return { at, begun };
  }
  throw new TenfoldError(
    'bad-request',
    '"after" must be the "next" of an earlier answer to the same question. Begin again without it.',
  );
}

function sitesOf(resources: ResourceSet, { namespace, topic, queue }: FindQuery): readonly Site[] {
  const isWanted = (kind: EventOwner['kind'], name: string) =>
    topic === undefined && queue === undefined ? true : kind === 'Topic' ? name === topic : name === queue;
  const sites: Site[] = [];
  for (const resource of [...resources.ofKind('Topic'), ...resources.ofKind('Queue')]) {
    const { kind, metadata } = resource;
    if (metadata.namespace !== namespace || !isWanted(kind, metadata.name)) continue;
    const name = kind === 'Topic' ? logTopicOf(resource) : queueTopicOf(namespace, metadata.name);
    sites.push({ owner: { kind, namespace, name: metadata.name }, topic: name });
  }
  for (const [kind, name] of [['Topic', topic] as const, ['Queue', queue] as const]) {
    if (name === undefined || sites.some(({ owner }) => owner.kind === kind)) continue;
    throw new TenfoldError('not-found', `There is no ${kind} "${name}" in namespace "${namespace}".`);
  }
  return sites.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

const nameOf = ({ owner }: Site) => `${owner.kind === 'Topic' ? 0 : 1}${owner.name}`;

function wantedOf({ id, source, key, trace }: FindQuery): Wanted | undefined {
  if (id !== undefined) {
    const isOfSource = (record: LogRecord) =>
      source === undefined || toTopicEvent(record, 0, 0, undefined).source === source;
    return { field: 'id', value: id, matches: record => idOfRecord(record) === id && isOfSource(record) };
  }
  if (key !== undefined) return { field: 'key', value: key, matches: record => record.key === key };
  if (trace === undefined) return undefined;
  return { field: 'trace', value: trace, matches: record => tracesOfRecord(record).includes(trace) };
}

function toFound(owner: EventOwner, partition: number, record: LogRecord): FoundEvent {
  const { offset, appendedAt, key, id, type, source } = toTopicEvent(record, partition, 0, undefined);
  const nonce = owner.kind === 'Queue' ? record.headers[JOB_HEADER] : undefined;
  return {
    owner,
    ...(nonce === undefined ? {} : { job: formatJobId({ partition, offset, nonce }) }),
    partition,
    offset,
    ...(appendedAt === undefined ? {} : { appendedAt }),
    key,
    ...(id === undefined ? {} : { id }),
    ...(type === undefined ? {} : { type }),
    ...(source === undefined ? {} : { source }),
    traces: tracesOfRecord(record),
  };
}

function inTime(items: readonly (FoundEvent & { readonly time: number })[]): FoundEvent[] {
  return items.toSorted((a, b) => b.time - a.time).map(({ time: _, ...item }) => item);
}
