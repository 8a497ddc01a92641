// Asks the log, before a topic grows, whether a Pipeline counts the events of its keys where they
// are. The log knows it whichever resources were in force before, and also if no process ran.
import { TenfoldError } from '../../core/errors.ts';
import type { EventLog } from '../../drivers/event-log/event-log.ts';
import { countedWith } from '../pipelines/window/in-place.ts';
import { whyNoGrowth } from './check-growth.ts';
import type { PipelinePlan } from './compile-pipelines.ts';

/**
 * Rejects with `conflict`. `topic`: as it is to be, by its name in the log. `pipelines`: they are
 * asked for only where it grows, as compiling them takes time.
 */
export async function assertMayGrow(
  log: Pick<EventLog, 'bounds' | 'positions'>,
  topic: { readonly name: string; readonly partitions: number },
  pipelines: () => readonly PipelinePlan[],
): Promise<void> {
  const there = (await log.bounds(topic.name))?.length;
  if (there === undefined || there >= topic.partitions) return;
  const counting = pipelines().filter(
    ({ settings }) => settings.topic === topic.name && settings.topology.source.kind === 'window',
  );
  for (const { settings, resource } of counting) {
    const { source } = settings.topology;
    if (source.kind !== 'window') continue;
    const { id, idWith } = source.window;
    const positions = await log.positions(settings.group, topic.name);
    if (positions.some(found => found && countedWith(found.metadata, { id, idWith, declared: settings.partitions }))) {
      throw new TenfoldError('conflict', whyNoGrowth(resource.spec.from.topic, settings.name));
    }
  }
}
