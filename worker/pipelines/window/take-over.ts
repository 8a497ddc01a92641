// Takes over the windows of a partition that were counted where the Topic had their events: from
// then on the same windows count what an internal topic brings.
import { TenfoldError } from '../../../core/errors.ts';
import type { World } from '../../../core/world.ts';
import { seenChanges } from '../../fold/seen.ts';
import type { PositionStore } from '../../fold/stored-position.ts';
import { StoredPosition } from '../../fold/stored-position.ts';
import { laterFrom } from './later-offsets.ts';
import { WINDOW_CONSUMER, type WindowStore } from './load-state.ts';
import { readClock, type SavedClock } from './saved-clock.ts';
import { StageClock } from './stage-clock.ts';
import type { SavedWatermark } from './watermark.ts';

export interface TakeOver {
  readonly world: Pick<World, 'now' | 'random'>;
  /** The topic of the log that was counted, and whose events still come. */
  readonly topic: string;
  /** The partitions that it had. */
  readonly partitions: number;
  /** The partitions that it has. */
  readonly sources: number;
  /** The stage that brings the events, as in their marks. */
  readonly feeder: string;
}

/** More than all that is made of one record. */
const LAST = Number.MAX_SAFE_INTEGER;

/**
 * One step, which fences off whoever still counts in place. Does nothing where that was done, or
 * nothing is stored. False: another owner has written meanwhile.
 */
export async function takeOverWindows(
  { world, topic, partitions, sources, feeder }: TakeOver,
  store: WindowStore & PositionStore,
  scope: string,
  partition: number,
): Promise<boolean> {
  const position = await StoredPosition.load({ store, scope, consumer: WINDOW_CONSUMER, partition });
  const saved = await readClock(store, scope);
  if (saved === undefined) return true;
  assertSameTopic(saved, topic);
  if (saved.later !== undefined) return true;
  if (saved.version !== position.value || !(await position.isOfOneServer())) return false;
  const clock = new StageClock(saved, world);
  clock.later = laterFrom(world.now());
  clock.partitions = partitions;
  clock.source = topic;
  // All that was counted came before this offset; the stage before may bring some of it again.
  const mark = { topic: feeder, partition, offset: saved.offset - 1, index: LAST };
  const watermark = movedWatermark(saved, partition, sources);
  const changes = [clock.change(watermark), ...seenChanges([mark])];
  return position.move(changes, clock.version ?? 0);
}

/** The time so far stays. All other partitions hold it back until they say how far they are. */
function movedWatermark({ watermark, offset }: SavedClock, partition: number, sources: number): SavedWatermark {
  const [value, [source]] = watermark;
  const time = source?.[0] ?? null;
  return [
    value,
    Array.from({ length: Math.max(sources, partition + 1) }, (_, index) => {
      if (index !== partition || time === null) return [null, null] as const;
      // The stage before does not know that time. This partition tells it to all others.
      return [time, null, null, [], [], [offset - 1, time, null]] as const;
    }),
  ];
}

function assertSameTopic({ source }: SavedClock, topic: string): void {
  if (source === undefined || source === topic) return;
  throw new TenfoldError(
    'conflict',
    `These windows have counted another Topic (${source} in the log). Let the Pipeline read that one again, or give it another name: then it begins anew.`,
  );
}
