// Upkeep at intervals. It checks whether the source has more partitions, where the source ends
// while nobody reads it, and that nobody has deleted our topics.
import { inStep, type Timer } from '../../core/world.ts';
import { ensureGroupTopics } from './group/start-group.ts';
import type { PartitionContext } from './partition-context.ts';
import type { PartitionOwner } from './partition-owner.ts';

const EVERY_MS = 10_000;
/**
 * Our own topics are checked only once in so many looks: hardly ever does somebody delete them, and
 * each check asks the log.
 */
const OWN_EVERY = 6;

export function startUpkeep(
  context: PartitionContext,
  owners: ReadonlyMap<number, PartitionOwner>,
  partitions: number,
): { close(): void } {
  const { world, log, settings, observer } = context;
  let known = partitions;
  let timer: Timer | undefined;
  let closed = false;
  let looks = 0;
  const look = async () => {
    try {
      const bounds = (await log.bounds(settings.topic)) ?? [];
      bounds.forEach(({ start, end }, partition) => {
        owners.get(partition)?.sawBounds(start, end);
      });
      const isGone = looks++ % OWN_EVERY === 0 && bounds.length > 0 && (await areGone());
      if (bounds.length > known || isGone) {
        await ensureGroupTopics(log, settings, bounds.length);
        known = bounds.length;
      }
    } catch (error) {
      observer.trouble(-1, error);
    }
    plan();
  };
  /** The owners of the parking log learn it when the log was made again. */
  const areGone = async () => {
    const parkingLog = await log.bounds(context.parkingLogTopic);
    parkingLog?.forEach((held, partition) => {
      owners.get(partition)?.sawParkingLogBounds(held);
    });
    return parkingLog === undefined || (await log.bounds(context.deadTopic)) === undefined;
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
