// What has to be looked at now and then: whether the source has got more partitions, where it ends while it is not read, and that nobody has deleted the
// topics of ours.
import { inStep, type Timer } from '../../core/world.ts';
import { ensureGroupTopics } from './group/start-group.ts';
import type { PartitionContext } from './partition-context.ts';
import type { PartitionOwner } from './partition-owner.ts';

const EVERY_MS = 10_000;
/** Ours are looked at with one look of so many: hardly ever does somebody delete them, and each asks the log. */
const OWN_EVERY = 6;

export function startUpkeep(
  context: PartitionContext,
  owners: ReadonlyMap<number, PartitionOwner>,
  partitions: number,
): { close(): void } {
  const { world, log, settings, listener } = context;
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
      listener.trouble(-1, error);
    }
    plan();
  };
  /** Where the lot is another one by now, its owners learn it, too. */
  const areGone = async () => {
    const lot = await log.bounds(context.lotTopic);
    lot?.forEach((held, partition) => {
      owners.get(partition)?.sawLotBounds(held);
    });
    return lot === undefined || (await log.bounds(context.deadTopic)) === undefined;
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
