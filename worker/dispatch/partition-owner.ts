// Owns a partition as long as the group says so: takes over, works until superseded, and begins again when the partition is still its own.
import { sleep } from '../../core/world.ts';
import type { Bounds, OwnedPartition } from '../../drivers/event-log/event-log.ts';
import { takeOver } from '../lot/take-over.ts';
import type { PartitionContext } from './partition-context.ts';
import { Tenure } from './tenure.ts';
import type { PartitionView } from './view.ts';

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 10_000;
/** An owner that lasted so long begins again at once. */
const LASTED_MS = 30_000;

export class PartitionOwner {
  readonly #context: PartitionContext;
  readonly #partition: OwnedPartition;
  readonly #stopping = new AbortController();
  #tenure: Tenure | undefined;
  #trouble: string | undefined;
  #started = false;

  constructor(context: PartitionContext, partition: OwnedPartition) {
    this.#context = context;
    this.#partition = partition;
  }

  /** Resolves when the partition is lost or `stop` was called; never rejects. */
  async run(): Promise<void> {
    const { world, listener, totals } = this.#context;
    const { lost, partition } = this.#partition;
    const signal = AbortSignal.any([lost, this.#stopping.signal]);
    let wait = FIRST_WAIT_MS;
    while (!signal.aborted) {
      const since = world.monotonic();
      try {
        const why = await this.#own(signal);
        totals.superseded++;
        this.#trouble = why;
        listener.superseded(partition, why);
      } catch (error) {
        if (signal.aborted) return;
        this.#trouble = error instanceof Error ? error.message : String(error);
        listener.trouble(partition, error);
      }
      this.#tenure = undefined;
      if (world.monotonic() - since > LASTED_MS) wait = FIRST_WAIT_MS;
      // Two that both believe to be the owner take turns; jitter and growing pauses let one of them get something done.
      await sleep(world, wait * (0.5 + world.random()), signal).catch(() => {});
      wait = Math.min(wait * 2, LONGEST_WAIT_MS);
    }
  }

  /** Resolves with why this owner had to stop. */
  async #own(signal: AbortSignal): Promise<string> {
    const { world, log, settings, lotTopic, listener } = this.#context;
    const partition = this.#partition;
    const taken = await takeOver(log, lotTopic, partition, world.id(), signal);
    if ('superseded' in taken) return taken.superseded;
    const bounds = (await log.bounds(settings.topic))?.[partition.partition];
    signal.throwIfAborted();
    const tenure = new Tenure(this.#context, partition, taken, bounds ?? { start: 0, end: 0 });
    this.#tenure = tenure;
    this.#started = true;
    this.#trouble = undefined;
    if (taken.isLotLost) listener.lotLost(partition.partition, lotTopic);
    const stop = () => tenure.end(this.#stopping.signal.reason);
    this.#stopping.signal.addEventListener('abort', stop, { once: true });
    try {
      return await tenure.run(taken.rest, taken.next);
    } finally {
      this.#stopping.signal.removeEventListener('abort', stop);
    }
  }

  get view(): PartitionView {
    const view = this.#tenure?.view;
    return view ? { ...view, trouble: view.trouble ?? this.#trouble } : this.#absent();
  }

  #absent(): PartitionView {
    return {
      partition: this.#partition.partition,
      state: this.#started || this.#trouble !== undefined ? 'stopped' : 'starting',
      claim: undefined,
      watermark: 0,
      read: 0,
      end: undefined,
      lag: undefined,
      oldestAgeMs: undefined,
      parkedKeys: 0,
      parkedEvents: 0,
      parkedBytes: 0,
      held: 0,
      unburied: 0,
      openCommands: 0,
      lot: { watermark: 0, read: 0 },
      finished: false,
      trouble: this.#trouble,
    };
  }

  /** What is known of the source from elsewhere. */
  sawBounds(start: number, end: number): void {
    this.#tenure?.feed.sawBounds(start, end);
  }

  /** What is known of the lot from elsewhere. */
  sawLotBounds(bounds: Bounds): void {
    this.#tenure?.sawLotBounds(bounds);
  }

  /** All that was given to the lot has come back and is committed. May take for ever while the log is down. */
  async finish(): Promise<void> {
    await this.#tenure?.finish();
  }

  stop(reason: unknown): void {
    this.#stopping.abort(reason);
  }
}
