// Runs the FanOuts of a platform: their state over its storage, their ends to topics and to waiting
// callers here.

import { fanOutSignalOf } from '../../core/fan-outs/job-signal.ts';
import type { Tracer } from '../../core/tracing/tracer.ts';
import type { World } from '../../core/world.ts';
import type { BlobStore } from '../../drivers/blob-store/blob-store.ts';
import type { GatewayLog } from '../../gateway/gateway-log.ts';
import { type ConsumerDeps, topicPublisherOf } from '../../worker/deliver/create-consumer.ts';
import type { DeadLetters } from '../../worker/dispatch/dead-letters/dead-letter-options.ts';
import { createDeadLetters } from '../../worker/dispatch/dead-letters/dead-letters.ts';
import { createFanOutPlane, type FanOutPlane } from '../../worker/fan-out-plane.ts';
import { createAnnouncer } from '../../worker/fan-outs/announce.ts';
import type { FanOutSettings, FanOutSite } from '../../worker/fan-outs/fan-out-settings.ts';
import { createOutboxHandler } from '../../worker/fan-outs/outbox-handler.ts';
import type { StageObserver } from '../../worker/fold/stage.ts';
import type { FanOutPlan } from '../../worker/plan/compile-fan-outs.ts';
import { stageObserver } from './reports/stage-observer.ts';

export interface RunningFanOuts {
  readonly plane: FanOutPlane;
  /** How many jobs ended here, by state. */
  endedOf(namespace: string, name: string): Readonly<Record<string, number>>;
}

export function runFanOuts(
  world: World,
  deps: ConsumerDeps,
  blobs: BlobStore,
  log: GatewayLog,
  tracer?: Tracer,
): RunningFanOuts {
  const counts = new Map<string, Record<string, number>>();
  const count = ({ namespace, name }: FanOutSettings, state: string) => {
    const key = `${namespace}/${name}`;
    const known = counts.get(key) ?? {};
    known[state] = (known[state] ?? 0) + 1;
    counts.set(key, known);
  };
  const plane = createFanOutPlane({
    world,
    problem: deps.problem,
    optionsFor(plan) {
      const { settings, resource } = plan;
      const { namespace, name, layout } = settings;
      const site: FanOutSite = { world, log: deps.log, store: deps.store, blobs: deps.blobs, settings };
      const { topic } = resource.spec.complete;
      const { upload } = resource.spec.on;
      const announce =
        topic === undefined
          ? async () => {}
          : createAnnouncer(site, topicPublisherOf(deps, namespace, topic), deps.problem);
      return {
        site,
        observer: observerOf(plan, log, tracer),
        uploads: upload && { blobs, rule: upload },
        run: createOutboxHandler({
          site,
          traced: tracer !== undefined,
          itemLetters: lettersOf(deps, layout.items),
          splitLetters: lettersOf(deps, layout.splits),
          announce,
          ended({ id, state }) {
            count(settings, state);
            deps.signals.changed.tell(fanOutSignalOf(namespace, name, id));
          },
        }),
      };
    },
  });
  return { plane, endedOf: (namespace, name) => counts.get(`${namespace}/${name}`) ?? {} };
}

function lettersOf({ world, log }: ConsumerDeps, group: string): () => DeadLetters {
  let letters: DeadLetters | undefined;
  return () => {
    letters ??= createDeadLetters(world, log, group);
    return letters;
  };
}

function observerOf({ settings }: FanOutPlan, log: GatewayLog, tracer?: Tracer): StageObserver {
  return stageObserver({ fanOut: `FanOut/${settings.namespace}/${settings.name}` }, 'folded', log, tracer);
}
