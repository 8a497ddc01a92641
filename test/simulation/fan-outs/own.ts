// One simulated process that runs a fan-out whole: its state, and the dispatchers
// that divide, work and gather.

import type { FanOutJob } from '../../../core/fan-outs/job.ts';
import { deadTopicOf } from '../../../core/names.ts';
import { createDeadLetters } from '../../../worker/dispatch/dead-letters/dead-letters.ts';
import { startDispatcher } from '../../../worker/dispatch/dispatcher.ts';
import { silentObserver } from '../../../worker/dispatch/observer.ts';
import type { DispatchSettings } from '../../../worker/dispatch/settings.ts';
import type { ConsumerHandlers } from '../../../worker/event-plane.ts';
import type { FanOutSite } from '../../../worker/fan-outs/fan-out-settings.ts';
import { createGatherDestination, gatherDeadLettered } from '../../../worker/fan-outs/gather-destination.ts';
import { createItemsDestination, itemDeadLettered } from '../../../worker/fan-outs/items-destination.ts';
import { createJobWatch } from '../../../worker/fan-outs/job-watch.ts';
import { createOutboxHandler } from '../../../worker/fan-outs/outbox-handler.ts';
import { runFanOut } from '../../../worker/fan-outs/run-fan-out.ts';
import { createSplitDestination, splitDeadLettered } from '../../../worker/fan-outs/split-destination.ts';
import type { StageObserver } from '../../../worker/fold/stage.ts';
import type { SimulatedProcess } from '../kernel/process.ts';
import type { Drawn } from './draw-rules.ts';
import type { Outside } from './outside.ts';

export const ENDED = 'ended';

export interface OwnOptions {
  readonly site: FanOutSite;
  readonly process: SimulatedProcess;
  readonly outside: Outside;
  readonly drawn: Drawn;
  readonly saw: (sight: string) => void;
}

export function ownFanOut({ site, process, outside, drawn, saw }: OwnOptions): void {
  const { world, log, settings } = site;
  const { layout } = settings;
  const again = (act: () => Promise<unknown>) => {
    act().catch(() => world.after(500, () => again(act)));
  };
  const observer: StageObserver = {
    trouble: () => saw('trouble'),
    superseded: () => saw('superseded'),
    jumped: () => saw('jumped'),
    refused: () => saw('refused'),
  };
  const letters = (group: string) => {
    const made = createDeadLetters(world, log, group);
    return () => made;
  };
  /** Told as a topic is: durable, and perhaps twice. */
  const announce = async ({ id, generation, state, finishedAt = 0, deadlineAt }: FanOutJob) => {
    const how = state === 'expired' && finishedAt < deadlineAt ? 'expired-early' : state;
    const headers = { ce_source: `/fan-outs/${settings.name}`, ce_subject: id };
    await log.append(ENDED, [{ key: id, value: Buffer.from(`${generation} ${how}`), headers }]);
  };
  const run = createOutboxHandler({
    site,
    itemLetters: letters(layout.items),
    splitLetters: letters(layout.splits),
    announce,
    ended: ({ state }) => saw(state),
  });
  again(() => runFanOut({ site, observer, run }));
  const consumers: readonly (readonly [string, ConsumerHandlers])[] = [
    [
      layout.splits,
      {
        destination: createSplitDestination(site, outside.splitterFor(process, drawn.page)),
        deadLettered: letter => splitDeadLettered(site, letter),
      },
    ],
    [
      layout.items,
      {
        destination: createItemsDestination({
          site,
          watch: createJobWatch(site),
          inner: outside.workerFor(process),
          later: false,
        }),
        deadLettered: letter => itemDeadLettered(site, letter),
      },
    ],
    [
      layout.gathers,
      {
        destination: createGatherDestination({ site, caller: outside.gathererFor(process), timeoutMs: 60_000 }),
        deadLettered: letter => gatherDeadLettered(site, letter),
      },
    ],
  ];
  for (const [topic, { destination, deadLettered }] of consumers) {
    const dispatched = { ...dispatchSettings, group: topic, topic };
    again(() =>
      startDispatcher({ world, log, settings: dispatched, destination, deadLettered, observer: silentObserver }),
    );
  }
}

export function topicsOf({ layout }: FanOutSite['settings']): string[] {
  return [layout.splits, layout.items, layout.gathers, deadTopicOf(layout.items)];
}

const dispatchSettings: Omit<DispatchSettings, 'group' | 'topic'> = {
  order: 'key',
  concurrency: 4,
  retry: { attempts: 3, backoff: 'constant', initial: 200, max: 500 },
  delay: 0,
  onExhausted: 'skip',
  parking: { maxKeys: 1_000, maxSize: 10_000_000 },
  deadLetterRetention: 7 * 86_400_000,
  from: 'earliest',
  priority: 5,
  paused: false,
};
