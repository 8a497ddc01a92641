// Asks for the stories of events that a Pipeline has taken, once all is at rest: where each has
// gone, and which windows count it, by a plain reading of the event.

import type { ConsumerStory } from '../../../admin/story-view.ts';
import { fromRecord } from '../../../core/cloudevents/record.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { sleep } from '../../../core/world.ts';
import type { Store } from '../../../drivers/store/store.ts';
import { createDeadLetterControl } from '../../../server/events/control/dead-letter-control.ts';
import { letterOwnersOf } from '../../../server/events/run-pipelines.ts';
import { createStories } from '../../../server/events/stories/stories.ts';
import { SimulatedProcess } from '../kernel/process.ts';
import type { Simulation } from '../kernel/simulation.ts';
import type { SimulatedBroker } from '../log/broker.ts';
import type { StoredRecord } from '../log/partition-log.ts';
import { SimulatedLog } from '../log/simulated-log.ts';
import { type Clicked, END, modelOf, type planOf, type Variant } from '../pipelines/app.ts';
import { CLICKS } from '../pipelines/publisher.ts';
import type { SimulatedState } from '../store/simulated-state.ts';
import { SimulatedStore } from '../store/simulated-store.ts';
import { logApart, timeApart } from './apart.ts';
import { type Compared, NONE_COMPARED } from './compared.ts';

export interface PipelineAskerOptions {
  readonly simulation: Simulation;
  readonly broker: SimulatedBroker;
  readonly state: SimulatedState;
  readonly planned: ReturnType<typeof planOf>;
  readonly variant: Variant;
  readonly seed: number;
}

const ASKED = 8;
/** Positions are written a moment after the results. */
const WRITTEN_WITHIN_MS = 60_000;
const AGAIN_MS = 1_000;
const SEED = 0x919e;
const STORE = { latencyMs: 20, fails: 0 };
const NEVER = new AbortController().signal;
/** The stages behind the first one. */
const STAGES = { 'keyed as the topic': 0, 'keyed otherwise': 1, 'behind a function': 2 } as const;

interface Clicking {
  readonly partition: number;
  readonly record: StoredRecord;
}

/** What was compared, and the first story that is wrong. */
export function askPipeline(options: PipelineAskerOptions): { readonly compared: Compared; readonly wrong?: string } {
  const { simulation, broker, seed } = options;
  const time = timeApart(simulation, seed ^ SEED);
  const process = new SimulatedProcess(time, 'asker');
  const events = (broker.partitions(CLICKS) ?? []).flatMap((log, partition) =>
    log.history.filter(({ offset }) => log.isReadable(offset)).map((record): Clicking => ({ partition, record })),
  );
  const compared = { ...NONE_COMPARED };
  let wrong: string | undefined;
  let asked = 0;
  const wanted = Math.min(ASKED, events.length);
  const stories = storiesFor(options, process);
  const ask = async () => {
    for (; asked < wanted && wrong === undefined; asked++) {
      const event = events[time.chance.int('asked', 0, events.length - 1)];
      if (event === undefined) continue;
      const end = simulation.now + WRITTEN_WITHIN_MS;
      for (;;) {
        const place = `${event.partition}-${event.record.offset}`;
        const told = await stories.tell('default', 'clicks', place, {}, NEVER).catch(unlessAway);
        const differs =
          told === undefined ? 'is not told' : differenceOf(told.consumers, event.record, options.variant);
        if (differs === undefined) break;
        if (simulation.now > end) wrong ??= `story: ${place} ${differs}`;
        if (wrong !== undefined) return;
        await sleep(process.world, AGAIN_MS);
      }
      compared.exact++;
    }
  };
  const failed = (error: unknown) => {
    wrong ??= `story: ${error}`;
  };
  ask().catch(failed);
  const isOver = () => asked === wanted || wrong !== undefined;
  simulation.run(simulation.now + 2 * WRITTEN_WITHIN_MS * ASKED, isOver);
  return { compared, ...(wrong === undefined ? {} : { wrong }) };
}

function unlessAway(error: unknown): undefined {
  if (!(error instanceof TenfoldError && error.retryable)) throw error;
}

/** Undefined where the story is the model's. */
function differenceOf(consumers: readonly ConsumerStory[], record: StoredRecord, variant: Variant): string | undefined {
  const { data } = fromRecord(record);
  const { skip, key } = data as Clicked;
  const fates = consumers.map(({ fate }) => fate).join();
  const isLeftOut = skip && !key.startsWith(END);
  const expected = isLeftOut ? 'filtered' : Array.from({ length: STAGES[variant.way] + 1 }, () => 'done').join();
  if (fates !== expected) return `is told as ${fates}, and was ${expected}`;
  if (isLeftOut || variant.shape === 'session') return undefined;
  const counting = consumers.at(-1);
  // What is settled is deleted from the internal topic, and then only the fate is known.
  if (counting?.windows === undefined && counting?.note !== undefined) return undefined;
  const told = (counting?.windows ?? []).map(
    each => `${each.key} ${Date.parse(each.start ?? '')} ${Date.parse(each.end ?? '')}`,
  );
  const windows = key.startsWith(END) ? told : [...modelOf(variant, [record]).keys()];
  if (told.toSorted().join() === windows.toSorted().join()) return undefined;
  return `is told in the windows ${told}, and counts in ${windows}`;
}

function storiesFor(
  { broker, state, planned: { plan, resources }, simulation, seed }: PipelineAskerOptions,
  process: SimulatedProcess,
) {
  const { world } = process;
  const log = new SimulatedLog(
    broker,
    process,
    logApart(broker, timeApart(simulation, seed), () => ({})),
  );
  return createStories({
    world,
    log,
    letters: createDeadLetterControl(world, log, () => letterOwnersOf(plan)),
    // What is not simulated nobody here asks for.
    store: new SimulatedStore(state, process, STORE) as unknown as Store,
    consumers: () => [],
    views: { views: [] },
    pipelines: { pipelines: [{ plan }] },
    resources: () => resources,
  });
}
