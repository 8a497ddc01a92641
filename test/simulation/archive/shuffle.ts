// Stands for a stage of a pipeline that calls functions: hands on what it reads in any order, again
// after a failure, and tells how far it is settled.
import { SOURCE_TIME_HEADER } from '../../../core/wire.ts';
import type { World } from '../../../core/world.ts';
import type { EventLog, LogRecord } from '../../../drivers/event-log/event-log.ts';
import { toClockRecord } from '../../../worker/fold/clock-record.ts';
import { readAhead } from '../../../worker/fold/read-ahead.ts';
import { formatMark, SOURCE_HEADER } from '../../../worker/fold/source-mark.ts';
import { type Stage, type StageObserver, type StageWork, startStage } from '../../../worker/fold/stage.ts';

const FEEDER = 'calls';
const GROUP = 'calls';
const PARTITIONS = 2;

export interface ShuffleOptions {
  readonly world: World;
  readonly log: EventLog;
  readonly observer: StageObserver;
  readonly source: string;
  readonly target: string;
}

export function startShuffle({ world, log, observer, source, target }: ShuffleOptions): Promise<Stage> {
  const work = async (work: StageWork): Promise<string> => {
    const { owned, signal } = work;
    const { partition } = owned;
    const from = (await owned.committed())?.offset;
    signal.throwIfAborted();
    for await (const { records, next } of readAhead(work, source, from, observer)) {
      const left = [...records];
      while (left.length > 0) {
        const [one] = left.splice(Math.floor(world.random() * left.length), 1);
        if (one === undefined) break;
        await log.append(target, [marked(one, partition)]);
        signal.throwIfAborted();
      }
      await owned.commit({ offset: next, metadata: '' });
      signal.throwIfAborted();
      const clock = {
        feeder: FEEDER,
        source: partition,
        time: undefined,
        upTo: next,
        silentMs: undefined,
        ends: undefined,
      };
      await log.append(target, [toClockRecord(clock, partition % PARTITIONS)]);
      signal.throwIfAborted();
    }
    throw new Error('A partition never ends.');
  };
  return startStage({ world, log, group: GROUP, topic: source, observer, work });

  function marked({ key, value, offset, timestamp }: LogRecord, partition: number) {
    const mark = formatMark({ topic: FEEDER, partition, offset, index: 0 });
    const headers = { [SOURCE_HEADER]: mark, [SOURCE_TIME_HEADER]: String(timestamp) };
    return { key, value, headers, partition: partition % PARTITIONS };
  }
}
