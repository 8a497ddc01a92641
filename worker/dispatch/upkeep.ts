// What has to be looked at now and then: whether the source has got more partitions, and where it ends while it is not read.
import { inStep, type Timer } from '../../core/world.ts';
import type { PartitionContext } from './partition-context.ts';
import type { PartitionOwner } from './partition-owner.ts';
import { ensureGroupTopics } from './start-group.ts';

const EVERY_MS = 10_000;

export function startUpkeep(
  context: PartitionContext,
  owners: ReadonlyMap<number, PartitionOwner>,
  partitions: number,
): { close(): void } {
  const { world, log, settings, listener } = context;
  let known = partitions;
  let timer: Timer | undefined;
  let closed = false;
  const look = async () => {
    try {
      const bounds = (await log.bounds(settings.topic)) ?? [];
      bounds.forEach(({ start, end }, partition) => {
        owners.get(partition)?.sawBounds(start, end);
      });
      if (bounds.length > known) {
        await ensureGroupTopics(log, settings, bounds.length);
        known = bounds.length;
      }
    } catch (error) {
      listener.trouble(-1, error);
    }
    plan();
  };
  const plan = () => {
    if (closed) return;
    timer = world.after(inStep(world, EVERY_MS), () => void look());
  };
  plan();
  return {
    close() {
      closed = true;
      timer?.cancel();
    },
  };
}
