// Follows a topic: what is there from a place on, then each event as it comes, with signs of life.
import { type FollowQuery, type TopicEvent, type TopicLine, topicLimits } from '../../../admin/topic-view.ts';
import { sleep, toTimestamp, type World } from '../../../core/world.ts';
import type { Bounds, EventLog } from '../../../drivers/event-log/event-log.ts';
import type { RecordMasker } from '../masking/mask-record.ts';
import type { Place, ScanPosition } from './scan-position.ts';
import { reportOf, type ScanBudget, type Scanned, type ScanRequest, scanTopic } from './scan-topic.ts';
import type { Selects } from './select-events.ts';
import { toTopicEvent } from './topic-event.ts';
import { boundsOf, placesBefore, placesFrom, remaining, upTo } from './topic-places.ts';

export interface FollowRequest {
  readonly world: World;
  readonly log: EventLog;
  /** In the log. Throws `not-found` once the Topic is gone. */
  topic(): string;
  readonly selects: Selects;
  /** The masker of this moment. The schema may change while somebody follows. */
  mask(): RecordMasker | undefined;
  readonly query: FollowQuery;
  readonly budget: ScanBudget;
  readonly signal: AbortSignal;
}

/** A log tells nobody but members of groups that there is more. */
const POLL_MS = 250;
const HEARTBEAT_MS = 15_000;
/** Times the budget of one request that the search for the last events takes. */
const LAST_BUDGETS = 4;
/** How much further each step of that search looks back. */
const WIDER = 8;

export async function* followTopic(request: FollowRequest): AsyncGenerator<TopicLine> {
  const { world, log, query, signal } = request;
  const { last, partition, follow = true } = query;
  const scans = scansOf(request);
  const topic = request.topic();
  let position = await placesFrom({
    log,
    topic,
    from: last === undefined ? (query.from ?? 'latest') : 'latest',
    partition,
  });
  if (last !== undefined) {
    const { events, incomplete } = await findLast(request, scans, position, last);
    for (const event of events) yield { kind: 'event', event };
    if (incomplete !== undefined) yield { kind: 'incomplete', found: events.length, scanned: incomplete };
  }
  let told = world.monotonic();
  yield { kind: 'at', at: toTimestamp(world.now()), ...reportOf(topic, { position, ...NOTHING }) };
  for (;;) {
    const found = await scans(position);
    position = found.position;
    for (const event of found.events) yield { kind: 'event', event };
    const isCaughtUp = found.ended === 'end';
    if (isCaughtUp && !follow) {
      yield { kind: 'done', ...reportOf(topic, found) };
      return;
    }
    const isNews = found.events.length > 0 || found.expired > 0 || found.undecided !== undefined || !isCaughtUp;
    if (isNews || world.monotonic() - told >= HEARTBEAT_MS) {
      told = world.monotonic();
      yield { kind: 'at', at: toTimestamp(world.now()), ...reportOf(topic, found) };
    }
    if (isCaughtUp) await sleep(world, POLL_MS, signal);
    signal.throwIfAborted();
    // The Topic may have gone, or may have got partitions.
    if (isCaughtUp) position = upTo(position, await boundsOf(log, request.topic()));
  }
}

const NOTHING = { scanned: 0, expired: 0, undecided: undefined };

type Scans = (from: ScanPosition, limit?: number) => Promise<Scanned>;

function scansOf({ world, log, topic, selects, mask, query, budget, signal }: FollowRequest): Scans {
  const rest: Omit<ScanRequest, 'from' | 'topic' | 'mask' | 'limit'> = {
    world,
    log,
    selects,
    dataBytes: query.dataBytes ?? topicLimits.dataBytes,
    budget,
    signal,
  };
  return (from, limit = topicLimits.events) => scanTopic({ ...rest, from, topic: topic(), mask: mask(), limit });
}

interface LastEvents {
  readonly events: readonly TopicEvent[];
  /** How many were looked at, where there may be older ones that it has not found. */
  readonly incomplete?: number;
}

/** Looks back step by step: each step looks at what lies before the last one. */
async function findLast(
  request: FollowRequest,
  scans: Scans,
  newest: ScanPosition,
  wanted: number,
): Promise<LastEvents> {
  const { world, log, topic, budget } = request;
  const deadline = world.monotonic() + budget.ms * LAST_BUDGETS;
  let events: readonly TopicEvent[] = [];
  /** No newer event than those is missing. */
  let certain: readonly TopicEvent[] = [];
  let scanned = 0;
  let ends = newest;
  for (let back = wanted; ; back *= WIDER) {
    const { places, atStart } = placesBefore(ends, await boundsOf(log, topic()), back);
    let position: ScanPosition = { places, all: false, total: remaining(places) };
    let older: readonly TopicEvent[] = [];
    for (;;) {
      const found = await scans(position, wanted);
      scanned += found.scanned;
      older = inTime([...older, ...found.events]).slice(-wanted);
      position = found.position;
      if (found.ended === 'end') break;
      const isSpent = scanned >= budget.records * LAST_BUDGETS || world.monotonic() >= deadline;
      if (isSpent) return { events: certain, incomplete: scanned };
    }
    events = inTime([...older, ...events]).slice(-wanted);
    if (atStart) return { events };
    const known = await knownFrom(request, places, await boundsOf(log, topic()));
    certain = events.filter(({ appendedAt = '' }) => appendedAt >= known);
    if (certain.length >= wanted) return { events };
    ends = { ...ends, places };
  }
}

/** RFC 3339: there may be events before it that were not looked at. */
async function knownFrom(
  { log, topic }: FollowRequest,
  places: readonly Place[],
  bounds: readonly Bounds[],
): Promise<string> {
  let known = '';
  for (const { partition, next } of places) {
    if (next <= (bounds[partition]?.start ?? 0)) continue;
    const [oldest] = (await log.read(topic(), partition, next, { maxRecords: 1, maxBytes: 1 })).records;
    const at = oldest && toTopicEvent(oldest, partition, 0, undefined).appendedAt;
    if (at !== undefined && at > known) known = at;
  }
  return known;
}

function inTime(events: readonly TopicEvent[]): TopicEvent[] {
  return events.toSorted((a, b) => compare(a.appendedAt ?? '', b.appendedAt ?? ''));
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
