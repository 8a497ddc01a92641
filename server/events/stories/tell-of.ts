// Puts together the story of a record: its fate at each consumer of its topic, why it waits, what
// it came from and what it led to.

import type { ConsumerName } from '../../../admin/consumer-name.ts';
import type { ConsumerReport } from '../../../admin/event-view.ts';
import type { ConsumerStory, EventStory, StoryQuery } from '../../../admin/story-view.ts';
import { addresseeOf, addressOf, isFor } from '../../../core/cloudevents/addressee.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { mapAtOnce } from '../../../core/map-at-once.ts';
import { parseTimestamp } from '../../../core/world.ts';
import { readsTopic } from '../../../worker/plan/compile-pipelines.ts';
import { nameOfConsumer } from '../../../worker/plan/event-plan.ts';
import { addressOfConsumer } from '../../../worker/plan/leave-others-out.ts';
import { eventBecause, withNote, withReason } from './because.ts';
import { cameFrom } from './came-from.ts';
import type { Deeds, FoundDeed, StoryDeeds } from './deeds.ts';
import { fateOfConsumer } from './dispatched-fate.ts';
import { ledTo } from './led-to.ts';
import { LogScan, type ScanLimits } from './log-scan.ts';
import { storiesOfPipeline } from './pipeline-fate.ts';
import type { StoryPlans } from './story-plans.ts';
import { orUnknown, readInTurn, type StoryDeps, type Told, withTook } from './told.ts';
import { storiesOfView } from './view-fate.ts';

/** Consumers that are asked at a time: each may read some megabytes. */
const AT_ONCE = 8;

export interface TellOptions extends StoryDeps, StoryPlans {
  /** They hold for each of the searches of a story. */
  readonly limits?: ScanLimits;
  /** How the consumers do in all processes. */
  reports?(): Promise<readonly ConsumerReport[]>;
  /** Who did what. */
  readonly deeds?: Deeds;
}

/** The story of a record of a topic that consumers read. */
export async function tellOf(
  told: Told,
  namespace: string,
  { ledSince, fromBefore }: StoryQuery,
  options: TellOptions,
): Promise<Omit<EventStory, 'event'>> {
  const scan = () => new LogScan(options.log, told.signal, options.limits);
  const [behind, after, before] = [scan(), scan(), scan()];
  const origin = { ...told, before: timeOf('fromBefore', fromBefore) };
  const since = timeOf('ledSince', ledSince);
  const atConsumers = async () => {
    const stories = await storiesAt(told, behind, options);
    return Promise.all([withReasons(stories, told, options), ledTo(told, stories, after, options, since)]);
  };
  const asks = [cameFrom(origin, namespace, options, before), atConsumers()] as const;
  const [came, [consumers, { links, more }]] = await Promise.all(asks);
  const because = eventBecause(consumers);
  return {
    ...(because === undefined ? {} : { because }),
    consumers,
    cameFrom: came,
    ...(before.unread.length === 0 ? {} : { unreadBefore: before.unread }),
    ledTo: links,
    ...(more === 0 ? {} : { moreLedTo: more }),
    ...(after.unread.length === 0 ? {} : { unreadAfter: after.unread }),
  };
}

/** Consumers tell how they do only where something waits for one of them. */
async function withReasons(
  stories: readonly ConsumerStory[],
  event: Told,
  { reports, deeds: all }: Pick<TellOptions, 'reports' | 'deeds'>,
): Promise<ConsumerStory[]> {
  const isWaiting = stories.some(({ fate }) => fate === 'waiting' || fate === 'parked');
  const known = (isWaiting && (await reports?.())) || [];
  const deeds = all?.ofStory(event.signal);
  const told: ConsumerStory[] = [];
  for (const story of stories) {
    const explained = await withReason(story, known, deeds);
    const { deed: by, note } = (deeds && (await deciderOf(story, event, deeds))) ?? {};
    const again = (deeds && (await redriverOf(story, event, deeds))) ?? {};
    told.push({
      ...withNote(explained, note ?? again.note),
      ...(by === undefined ? {} : { by }),
      ...(again.deed === undefined ? {} : { redrivenBy: again.deed }),
    });
  }
  return told;
}

/** A held event that was skipped is a dead letter like others. */
async function deciderOf(
  { consumer, fate, reason, since }: ConsumerStory,
  { partition, record }: Told,
  deeds: StoryDeeds,
): Promise<FoundDeed | undefined> {
  const action =
    fate === 'purged' ? 'purge' : fate !== 'dead' ? undefined : reason === 'abandoned' ? 'give-up' : 'skip';
  if (action === undefined || since === undefined) return undefined;
  const at = Date.parse(since);
  // A skip comes after the dead letter: an older one was about an earlier one of the same event.
  const times =
    action === 'skip'
      ? { from: at, until: Number.POSITIVE_INFINITY }
      : { from: Math.min(record.timestamp, at), until: at };
  return deeds.decisionOf(action, consumer, `${partition}-${record.offset}`, times);
}

/** A redrive comes before the event is given up once more. */
async function redriverOf(
  { consumer, fate, since, redriven, redrivenAt }: ConsumerStory,
  { partition, record }: Told,
  deeds: StoryDeeds,
): Promise<FoundDeed | undefined> {
  if (redriven === undefined) return undefined;
  const end = redrivenAt ?? (fate === 'parked' ? undefined : since);
  const until = end === undefined ? Number.POSITIVE_INFINITY : Date.parse(end);
  const times = { from: Math.min(record.timestamp, until), until };
  return deeds.decisionOf('redrive', consumer, `${partition}-${record.offset}`, times);
}

export function timeOf(name: keyof StoryQuery, text: string | undefined): number | undefined {
  const time = text === undefined ? undefined : parseTimestamp(text);
  if (time !== undefined || text === undefined) return time;
  throw new TenfoldError('bad-request', `"${name}" is a time, such as 2026-11-25T08:00:00Z.`);
}

/** All are asked at once, a few at a time. Pipelines share a search, and its limits. */
async function storiesAt(told: Told, scan: LogScan, options: TellOptions): Promise<ConsumerStory[]> {
  const deps = { ...options, inTurn: readInTurn() };
  const plans = options.consumers().filter(({ settings }) => settings.topic === told.topic);
  const asks: (() => Promise<readonly ConsumerStory[]>)[] = [
    ...plans.map(plan => () => {
      const consumer = nameOfConsumer(plan);
      const ask = async () => {
        // Others may have to be asked: that takes no longer than the rest.
        const { group } = plan.settings;
        const took = deps.deliveries?.find({ group, partition: told.partition, offset: told.record.offset });
        return [{ consumer, ...(await withTook(await fateOfConsumer(plan, told, deps), took)) }];
      };
      return unlessForAnother(consumer, told, ask, addressOfConsumer(plan));
    }),
    ...options.views.views.map(({ plan }) => async () => {
      const { namespace, name } = plan.resource.metadata;
      const consumer = { kind: 'View', namespace, name } as const;
      const ask = () => storiesOfView(plan, consumer, told, deps);
      const takes = plan.sources.some(({ topic }) => topic === told.topic);
      return takes ? unlessForAnother(consumer, told, ask) : unlessUnknown(consumer, ask);
    }),
    ...options.pipelines.pipelines
      .filter(({ plan }) => readsTopic(plan, told.topic))
      .map(({ plan }) => () => {
        const { namespace, name } = plan.settings;
        const consumer = { kind: 'Pipeline', namespace, name } as const;
        return unlessForAnother(consumer, told, () => storiesOfPipeline(plan, told, scan, deps));
      }),
  ];
  return (await mapAtOnce(asks, AT_ONCE, ask => ask())).flat();
}

/** A person may have sent the event again to one consumer: all others leave it out. */
async function unlessForAnother(
  consumer: ConsumerName,
  { record }: Told,
  ask: () => Promise<readonly ConsumerStory[]>,
  address = addressOf(consumer),
): Promise<readonly ConsumerStory[]> {
  if (isFor(record, address)) return unlessUnknown(consumer, ask);
  return [{ consumer, fate: 'filtered', note: `It was sent again to ${addresseeOf(record)} alone.` }];
}

function unlessUnknown(
  consumer: ConsumerName,
  ask: () => Promise<readonly ConsumerStory[]>,
): Promise<readonly ConsumerStory[]> {
  return orUnknown(ask, fate => [{ consumer, ...fate }]);
}
