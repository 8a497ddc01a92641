// A stage as an operator: it starts with the state of a partition, takes batch after batch of its
// records, and is called when none come.
import { TenfoldError } from '../../core/errors.ts';
import type { World } from '../../core/world.ts';
import type { EventLog, ReadBatch, ReadLimits } from '../../drivers/event-log/event-log.ts';
import { readAhead } from './read-ahead.ts';
import { observed, type Stage, type StageObserver, type StageWork, startStage } from './stage.ts';
import { quietly, within } from './within.ts';

/**
 * The work on one partition, from the moment when its state is loaded. One call is made at a time.
 */
export interface Operator {
  /** The offset of the first record to read; undefined: the first record that there is. */
  readonly from: number | undefined;
  /** How long to wait for records before `idle` is called, milliseconds. */
  patienceMs(): number;
  /** Takes all records of a batch. Returns the reason why this owner must stop, if it must. */
  records(batch: ReadBatch): Promise<string | undefined>;
  /** Called when no records came for `patienceMs`. Returns the same. */
  idle(): Promise<string | undefined>;
  close?(): void;
}

export interface OperatorOptions {
  readonly world: World;
  readonly log: Pick<EventLog, 'join' | 'bounds'>;
  readonly group: string;
  readonly topic: string;
  readonly observer: StageObserver;
  readonly limits?: ReadLimits | undefined;
  /**
   * Loads the state of a partition. Resolves with the reason why this owner must stop where that is
   * known already. The signal of the work aborts when the operator has ended, for whatever reason.
   */
  start(work: StageWork): Promise<Operator | string>;
}

/** Rejects when the topic is not there yet. */
export async function startOperator(options: OperatorOptions): Promise<Stage> {
  const { log, group, topic } = options;
  if ((await log.bounds(topic)) === undefined)
    throw new TenfoldError('not-found', `${group}: there is no topic ${topic} in the log`);
  return startStage({ ...options, work: work => operate(options, work) });
}

async function operate(options: OperatorOptions, of: StageWork): Promise<string> {
  const { world, group, topic, observer, limits, start } = options;
  const { partition } = of.owned;
  const ended = new AbortController();
  const work = { ...of, signal: AbortSignal.any([of.signal, ended.signal]) };
  let operator: Operator | undefined;
  try {
    const started = await start(work);
    if (typeof started === 'string') return started;
    operator = started;
    work.signal.throwIfAborted();
    work.state.position = operator.from ?? 0;
    const batches: AsyncIterator<ReadBatch> = readAhead(work, topic, operator.from, observer, limits);
    for (let pending = quietly(batches.next()); ; ) {
      const turn = await within(world, pending, operator.patienceMs(), work.signal);
      if (turn !== undefined) pending = quietly(batches.next());
      const why =
        turn === undefined
          ? await operator.idle()
          : await observed(observer, { group, topic, partition, records: turn.value.records }, work.signal, () =>
              started.records(turn.value),
            );
      if (why !== undefined) return why;
    }
  } finally {
    operator?.close?.();
    // It ends the reading ahead, too.
    ended.abort(new Error('The work on the partition has ended.'));
  }
}
