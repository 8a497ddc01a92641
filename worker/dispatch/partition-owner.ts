// Owns a partition as long as the group says so. It takes over, works until superseded, and begins
// again when the partition is still its own.
import type { Bounds, OwnedPartition } from '../../drivers/event-log/event-log.ts';
import { keepOwning } from '../owner-loop.ts';
import { takeOver } from '../parking-log/take-over.ts';
import type { PartitionContext } from './partition-context.ts';
import { PartitionSession } from './partition-session.ts';
import type { PartitionView } from './view.ts';

export class PartitionOwner {
  readonly #context: PartitionContext;
  readonly #partition: OwnedPartition;
  readonly #stopping = new AbortController();
  #session: PartitionSession | undefined;
  #trouble: string | undefined;

  constructor(context: PartitionContext, partition: OwnedPartition) {
    this.#context = context;
    this.#partition = partition;
  }

  /** Resolves when the partition is lost or `stop` was called; never rejects. */
  async run(): Promise<void> {
    const { world, observer, totals } = this.#context;
    const { lost, partition } = this.#partition;
    const signal = AbortSignal.any([lost, this.#stopping.signal]);
    await keepOwning({
      world,
      signal,
      own: () => this.#own(signal),
      superseded: why => {
        totals.superseded++;
        this.#stopped(why);
        observer.superseded(partition, why);
      },
      trouble: (error, message) => {
        this.#stopped(message);
        observer.trouble(partition, error);
      },
    });
  }

  #stopped(why: string): void {
    this.#trouble = why;
    this.#session = undefined;
  }

  /** Resolves with the reason why this owner had to stop. */
  async #own(signal: AbortSignal): Promise<string> {
    const { world, log, settings, parkingLogTopic, observer } = this.#context;
    const partition = this.#partition;
    const taken = await takeOver(log, parkingLogTopic, partition, world.id(), signal);
    if ('superseded' in taken) return taken.superseded;
    const bounds = (await log.bounds(settings.topic))?.[partition.partition];
    signal.throwIfAborted();
    const session = new PartitionSession(this.#context, partition, taken, bounds ?? { start: 0, end: 0 });
    this.#session = session;
    this.#trouble = undefined;
    if (taken.isParkingLogLost) observer.parkingLogLost(partition.partition, parkingLogTopic);
    const stop = () => session.end(this.#stopping.signal.reason);
    this.#stopping.signal.addEventListener('abort', stop, { once: true });
    try {
      return await session.run(taken.rest, taken.next);
    } finally {
      this.#stopping.signal.removeEventListener('abort', stop);
    }
  }

  get view(): PartitionView {
    return this.#session?.view ?? this.#absent();
  }

  #absent(): PartitionView {
    return {
      partition: this.#partition.partition,
      state: this.#trouble === undefined ? 'starting' : 'stopped',
      claim: undefined,
      watermark: 0,
      read: 0,
      end: undefined,
      lag: undefined,
      oldestAgeMs: undefined,
      parkedKeys: 0,
      parkedEvents: 0,
      parkedBytes: 0,
      failingKeys: 0,
      failedFirst: undefined,
      held: 0,
      heldFirst: undefined,
      unwrittenDeadLetters: 0,
      openCommands: 0,
      parkingLog: { watermark: 0, read: 0 },
      finished: false,
      trouble: this.#trouble,
    };
  }

  /** The bounds of the source, seen by another part of the process. */
  sawBounds(start: number, end: number): void {
    this.#session?.feed.sawBounds(start, end);
  }

  /** The bounds of the parking log, seen by another part of the process. */
  sawParkingLogBounds(bounds: Bounds): void {
    this.#session?.sawParkingLogBounds(bounds);
  }

  /**
   * Resolves when all given records have come back from the parking log and are committed. That may
   * take for ever while the log is down.
   */
  async finish(): Promise<void> {
    await this.#session?.finish();
  }

  stop(reason: unknown): void {
    this.#stopping.abort(reason);
  }
}
