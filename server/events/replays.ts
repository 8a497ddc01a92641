// Replays: subscriptions of their own that deliver again what a topic held at some moment, without moving the position of the one they repeat.
import * as z from 'zod';
import type { ReplayRequest } from '../../admin/event-view.ts';
import { TenfoldError } from '../../core/errors.ts';
import { deadTopicOf, lotTopicOf, subscriptionGroupOf } from '../../core/names.ts';
import { toTimestamp, type World } from '../../core/world.ts';
import type { EventLog } from '../../drivers/event-log/event-log.ts';
import type { Store } from '../../drivers/store/store.ts';
import type { Resource } from '../../resources/resource.ts';
import type { ResourceSet } from '../../resources/resource-set.ts';
import { logTopicOf } from '../../worker/plan/compile.ts';
import type { ConsumerPlan } from '../../worker/plan/event-plan.ts';
import { subscriptionSettings } from '../../worker/plan/settings.ts';

const replay = z.object({
  namespace: z.string(),
  /** Name of the subscription that is repeated. */
  subscription: z.string(),
  name: z.string(),
  from: z.union([z.literal('earliest'), z.number()]),
  toFunction: z.string().optional(),
  /** By partition: where the topic ended when it was asked for. */
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
  /** Of those whose subscriptions are (still) there. */
  plans(resources: ResourceSet): ConsumerPlan[];
}

const SCOPE = 'control';
const KEY = 'replays';
const TTL_MS = 10 * 365 * 86_400_000;
const MOST = 100;

export function createReplays(world: World, log: EventLog, store: Pick<Store, 'get' | 'put'>): Replays {
  let all: readonly Replay[] = [];

  /** `change` sees what is stored now; another process may have changed it meanwhile. */
  const update = async (change: (replays: readonly Replay[]) => readonly Replay[]) => {
    for (;;) {
      const entry = await store.get(SCOPE, KEY);
      const next = change(entry ? parse(entry.value) : []);
      const when = entry ? { version: entry.version } : 'absent';
      const { written } = await store.put(SCOPE, KEY, JSON.stringify(next), { ttlMs: TTL_MS, when });
      if (!written) continue;
      all = next;
      return;
    }
  };

  return {
    get all() {
      return all;
    },
    async load() {
      const entry = await store.get(SCOPE, KEY);
      all = entry ? parse(entry.value) : [];
    },
    async begin({ namespace, subscription, from, toFunction }, { metadata }, topic) {
      const bounds = await log.bounds(logTopicOf(topic));
      if (bounds === undefined) throw new TenfoldError('not-ready', `The topic of ${subscription} is not there yet.`);
      const name = `${metadata.name.slice(0, 200)}-replay-${world.id().slice(0, 8)}`;
      const until = bounds.map(({ end }) => end);
      const begun: Replay = { namespace, subscription, name, from, until, ...(toFunction ? { toFunction } : {}) };
      await update(replays => {
        if (replays.length < MOST) return [...replays, begun];
        throw new TenfoldError('conflict', `There are ${MOST} replays already. End some of them first.`);
      });
      return begun;
    },
    async forget(namespace, name) {
      await update(replays => replays.filter(each => each.namespace !== namespace || each.name !== name));
      const group = subscriptionGroupOf(namespace, name);
      for (const topic of [lotTopicOf(group), deadTopicOf(group)]) await log.deleteTopic(topic);
    },
    plans: resources => all.flatMap(each => planOf(each, resources)),
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
    {
      role: 'events',
      resource,
      settings: subscriptionSettings(resource, logTopicOf(topic)),
      until: new Map(until.entries()),
      fingerprint: JSON.stringify([resource.spec, until]),
    },
  ];
}

function parse(value: Uint8Array): readonly Replay[] {
  return stored.parse(JSON.parse(Buffer.from(value).toString('utf8')));
}
