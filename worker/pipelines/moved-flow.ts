// Says where a stage begins that brings events together for windows that were counted in place.
// That is early enough for a store that forgets how far those had come.
import type { ConsumerDeps } from '../deliver/create-consumer.ts';
import type { PipelinePlan } from '../plan/compile-pipelines.ts';
import type { MovedFlow } from './run-flow-stage.ts';
import { windowScopeOf } from './run-window.ts';
import type { WindowStagePlan } from './topology.ts';
import { movedNote } from './window/in-place.ts';
import { readWindowOffset } from './window/saved-clock.ts';

/**
 * A store may lose its newest changes, and the position in the log is newer then. Events that were
 * counted come once more, and are known.
 */
const AGAIN_MS = 600_000;

export function movedFlow(
  { log, store, world }: Pick<ConsumerDeps, 'log' | 'store' | 'world'>,
  { settings }: PipelinePlan,
  window: WindowStagePlan,
): MovedFlow {
  const { namespace, name, topic } = settings;
  return {
    note: movedNote(window),
    async beginAt(partition, committed) {
      // Nothing was counted of a partition that is new.
      if (committed === undefined || partition >= window.partitions) return committed;
      const scope = windowScopeOf(namespace, name, window.id, partition);
      const counted = await readWindowOffset(store, scope);
      const before = await log.offsetAt(topic, partition, world.now() - AGAIN_MS);
      return Math.min(committed, before, counted ?? committed);
    },
  };
}
