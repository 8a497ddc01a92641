// Events of Topics for the admin API: lists in pages, each bounded in what it takes, and answers
// that follow a topic.
import {
  type FollowQuery,
  type TopicEventControl,
  type TopicEventPage,
  type TopicLine,
  type TopicQuery,
  topicLimits,
} from '../../../admin/topic-view.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { FairPlaces } from '../../../core/fair-places.ts';
import type { World } from '../../../core/world.ts';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import type { ResourceSet } from '../../../resources/resource-set.ts';
import { logTopicOf } from '../../../worker/plan/compile.ts';
import { createMasking } from '../masking/masking.ts';
import { followTopic } from './follow-topic.ts';
import { decodePosition, type ScanPosition } from './scan-position.ts';
import { reportOf, type ScanBudget, type Scanned, scanTopic } from './scan-topic.ts';
import { compileSelection } from './select-events.ts';
import { placesFrom } from './topic-places.ts';

export interface TopicEventsOptions {
  readonly world: World;
  readonly log: EventLog;
  resources(): ResourceSet;
  /** Bounds of one request; for tests. */
  readonly budget?: Partial<ScanBudget>;
  /** Answers that follow topics of one namespace at a time; for tests. */
  readonly followers?: number;
}

export interface TopicEvents extends TopicEventControl {
  /** Ends what is under way. */
  close(): void;
}

const BUDGET: ScanBudget = { records: 100_000, bytes: 32 << 20, shownBytes: 4 << 20, ms: 1500 };
/** Lists that are made at a time, and those of one namespace; others wait. */
const LISTS = 4;
const LISTS_OF_ONE = 3;
const WAITING = 16;
const WAIT_MS = 5_000;
const FOLLOWERS = 16;

export function createTopicEvents(options: TopicEventsOptions): TopicEvents {
  const { world, log, resources, followers = FOLLOWERS } = options;
  const masking = createMasking(resources);
  const budget = { ...BUDGET, ...options.budget };
  const lists = new FairPlaces({ world, places: LISTS, waiting: WAITING, waitMs: WAIT_MS, what: 'lists of events' });
  const closed = new AbortController();
  /** By namespace: answers that follow now. */
  const following = new Map<string, number>();

  const topicOf = (namespace: string, name: string): string => {
    const topic = resources().get('Topic', namespace, name);
    if (topic) return logTopicOf(topic);
    throw new TenfoldError('not-found', `There is no Topic "${name}" in namespace "${namespace}".`);
  };

  return {
    async list(namespace, name, query, given) {
      const signal = AbortSignal.any([given, closed.signal]);
      const topic = topicOf(namespace, name);
      const { limit, dataBytes = topicLimits.dataBytes } = query;
      const mask = () => masking.ofTopic(namespace, name);
      const selects = compileSelection(query, mask);
      const end = await lists.take(namespace, LISTS_OF_ONE, signal);
      try {
        const from = await beginningOf(log, topic, query);
        const scan = { world, log, topic, from, selects, mask: mask(), limit, dataBytes, budget, signal };
        return toPage(topic, await scanTopic(scan));
      } finally {
        end();
      }
    },
    async *follow(namespace, name, query: FollowQuery, given): AsyncGenerator<TopicLine> {
      const signal = AbortSignal.any([given, closed.signal]);
      const topic = () => topicOf(namespace, name);
      topic();
      const mask = () => masking.ofTopic(namespace, name);
      const selects = compileSelection(query, mask);
      const others = following.get(namespace) ?? 0;
      if (others >= followers) {
        const message = `${others} answers follow topics of ${namespace} already. Try again when one of them has ended.`;
        throw new TenfoldError('overloaded', message, { retryAfterSeconds: 5 });
      }
      following.set(namespace, others + 1);
      try {
        yield* followTopic({ world, log, topic, selects, mask, query, budget, signal });
      } finally {
        following.set(namespace, (following.get(namespace) ?? 1) - 1);
      }
    },
    close: () => closed.abort(new TenfoldError('shutting-down', 'The platform is shutting down.')),
  };
}

async function beginningOf(log: EventLog, topic: string, query: TopicQuery): Promise<ScanPosition> {
  const { from, after, partition } = query;
  if (after === undefined) return placesFrom({ log, topic, from: from ?? 'earliest', partition });
  if (from !== undefined || partition !== undefined) {
    throw new TenfoldError(
      'bad-request',
      '"after" goes on with a list. It stands in the place of "from" and "partition".',
    );
  }
  const position = decodePosition(topic, after);
  if (position) return position;
  throw new TenfoldError('bad-request', '"after" must be the "next" of an earlier answer.');
}

function toPage(topic: string, found: Scanned): TopicEventPage {
  const report = reportOf(topic, found);
  const { events: items, ended } = found;
  return { items, ended, ...(ended === 'end' ? {} : { next: report.position }), ...report };
}
