// Replays: subscriptions of their own that deliver again what a topic held at some moment, without
// moving the position of the one they repeat.
import * as z from 'zod';
import type { ReplayRequest } from '../../admin/event-view.ts';
import { addressOf } from '../../core/cloudevents/addressee.ts';
import { TenfoldError } from '../../core/errors.ts';
import { deadTopicOf, parkingLogTopicOf, subscriptionGroupOf } from '../../core/names.ts';
import { sleep, toTimestamp, type World } from '../../core/world.ts';
import type { EventLog } from '../../drivers/event-log/event-log.ts';
import type { Hints } from '../../drivers/store/hints.ts';
import type { Keys } from '../../drivers/store/store.ts';
import type { Resource } from '../../resources/resource.ts';
import type { ResourceSet } from '../../resources/resource-set.ts';
import { logTopicOf } from '../../worker/plan/compile.ts';
import { leaveOthersOut } from '../../worker/plan/leave-others-out.ts';
import { subscriptionSettings } from '../../worker/plan/settings.ts';
import type { ConsumerPlan } from '../../worker/plan/topic-plan.ts';
import { createDocument } from '../shared/document.ts';

const replay = z.object({
  namespace: z.string(),
  /** Name of the subscription that is repeated. */
  subscription: z.string(),
  name: z.string(),
  from: z.union([z.literal('earliest'), z.number()]),
  toFunction: z.string().optional(),
  /** By partition: the end of the topic at the time of the request. */
  until: z.array(z.number()),
});
const stored = z.array(replay);

export type Replay = z.output<typeof replay>;

export interface Replays {
  readonly all: readonly Replay[];
  /** Reads those that an earlier process has begun. */
  load(): Promise<void>;
  begin(request: ReplayRequest, subscription: Resource<'Subscription'>, topic: Resource<'Topic'>): Promise<Replay>;
  /** Forgets it; what runs it must be closed before. */
  forget(namespace: string, name: string): Promise<void>;
  /** Plans of replays whose subscriptions are still there. */
  plans(resources: ResourceSet): ConsumerPlan[];
  /** Called when some process has begun or ended some. */
  listen(listener: () => void): void;
  close(): void;
}

const MOST = 100;
/** Other processes have read the end by then, and do not run it any more. */
const HEARD_MS = 3_000;

export function createReplays(
  world: World,
  log: EventLog,
  store: Pick<Keys, 'get' | 'put'>,
  hints: Hints | undefined,
): Replays {
  const replays = createDocument<readonly Replay[]>({
    world,
    store,
    hints,
    key: 'replays',
    initial: [],
    parse: value => stored.parse(value),
  });
  return {
    get all() {
      return replays.current;
    },
    load: () => replays.load(),
    listen: listener => void replays.listen(listener),
    close: () => replays.close(),
    async begin({ namespace, subscription, from, toFunction }, { metadata }, topic) {
      const bounds = await log.bounds(logTopicOf(topic));
      if (bounds === undefined) throw new TenfoldError('not-ready', `The topic of ${subscription} is not there yet.`);
      const name = `${metadata.name.slice(0, 200)}-replay-${world.id().slice(0, 8)}`;
      const until = bounds.map(({ end }) => end);
      const begun: Replay = { namespace, subscription, name, from, until, ...(toFunction ? { toFunction } : {}) };
      await replays.update(all => {
        if (all.length < MOST) return [...all, begun];
        throw new TenfoldError('conflict', `There are ${MOST} replays already. End some of them first.`);
      });
      return begun;
    },
    async forget(namespace, name) {
      await replays.update(all => all.filter(each => each.namespace !== namespace || each.name !== name));
      if (hints) await sleep(world, HEARD_MS);
      const group = subscriptionGroupOf(namespace, name);
      for (const topic of [parkingLogTopicOf(group), deadTopicOf(group)]) await log.deleteTopic(topic);
    },
    plans: resources => replays.current.flatMap(each => planOf(each, resources)),
  };
}

function planOf(
  { namespace, subscription, name, from, toFunction, until }: Replay,
  resources: ResourceSet,
): ConsumerPlan[] {
  const original = resources.get('Subscription', namespace, subscription);
  const topic = original && resources.get('Topic', namespace, original.spec.topic);
  if (original === undefined || topic === undefined) return [];
  const resource: Resource<'Subscription'> = {
    ...original,
    metadata: { ...original.metadata, name },
    spec: {
      ...original.spec,
      ...(toFunction === undefined ? {} : { to: { function: toFunction } }),
      from: from === 'earliest' ? from : toTimestamp(from),
      paused: false,
    },
  };
  return [
    leaveOthersOut({
      role: 'events',
      resource,
      settings: subscriptionSettings(resource, logTopicOf(topic), topic.spec.retention),
      until: new Map(until.entries()),
      replayOf: addressOf({ kind: 'Subscription', ...original.metadata }),
      fingerprint: JSON.stringify([resource.spec, until]),
    }),
  ];
}
