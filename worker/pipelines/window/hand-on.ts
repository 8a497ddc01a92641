// Hands on what a window stage has made, before its position moves: results, late events, the
// records that it gives up, and times that no other partition knows.
import type { TellAll } from '../../fold/clock-record.ts';
import type { StageObserver, StageWork } from '../../fold/stage.ts';
import type { GivenUp } from '../dead-letters.ts';
import { type Flow, runFlow } from '../flow/flow.ts';
import type { FlowTools } from '../flow/flow-tools.ts';
import type { FlowItem } from '../flow/item.ts';
import { type Outlet, putInto } from '../outlets/outlet.ts';
import type { InPlace } from './in-place.ts';
import type { StageState } from './stage-state.ts';
import type { WindowIntake } from './window-intake.ts';

export interface HandOnSettings {
  /** Set where the stage counts the events of the Topic itself. */
  readonly inPlace?: InPlace | undefined;
  readonly flow: Flow;
  readonly tools: FlowTools;
  readonly outlets: readonly Outlet[];
  /** The outlet of events that come too late. Undefined: they are given up. */
  readonly late: Outlet | undefined;
  /** To the stage's own topic. Undefined where that is the Topic itself. */
  readonly tellAll?: TellAll | undefined;
  /**
   * Sets unusable or late records aside. Resolves once that is durable; called at least once for
   * each.
   */
  givenUp(partition: number, records: readonly GivenUp[]): Promise<void>;
}

export interface HandOnOptions {
  readonly settings: HandOnSettings;
  readonly observer: StageObserver;
  readonly work: StageWork;
  readonly windows: StageState;
  readonly intake: WindowIntake;
}

/** Returns the number of results. */
export async function handOn(options: HandOnOptions): Promise<number> {
  const { settings, work, windows, intake } = options;
  const { flow, outlets, tools, inPlace } = settings;
  const { signal } = work;
  // This comes before any result of windows of which another partition may have a part, and before
  // a stray event is given up.
  if (windows.results.length > 0 || intake.hasGivenUp) await inPlace?.check();
  const results = windows.results.splice(0);
  const made: FlowItem[][] = outlets.map(() => []);
  const refuse = ({ cause }: FlowItem, error: unknown) => intake.refuse(cause.record, error);
  const { leftOut } = intake.counts;
  await runFlow(flow, results, { outlets: made, refuse, tools, leftOut, attempt: 1, signal });
  const late = intake.takeLate();
  signal.throwIfAborted();
  await Promise.all([
    ...outlets.map((outlet, index) => putInto(outlet, made[index] ?? [], refuse, signal)),
    putInto(settings.late, late, refuse, signal),
  ]);
  await giveUp(options, intake.takeGivenUp());
  const untold = intake.takeUntold();
  if (untold.length > 0) await settings.tellAll?.(untold, signal);
  return results.length;
}

async function giveUp({ settings, observer, work }: HandOnOptions, lost: readonly GivenUp[]): Promise<void> {
  const { owned, totals, signal } = work;
  if (lost.length === 0) return;
  signal.throwIfAborted();
  await settings.givenUp(owned.partition, lost);
  for (const { record, error, reason } of lost) {
    if (reason !== 'refused') continue;
    totals.refused++;
    observer.refused(owned.partition, record, error);
  }
}
