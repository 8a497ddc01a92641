// Appends an owner's records to its parking log in order, and again while it is not known whether
// they arrived. They count when they are read back.
import { pauseAfter } from '../../../core/retry/backoff.ts';
import { sleep, type World } from '../../../core/world.ts';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import { encodeParkingLogRecord } from '../../parking-log/parking-log-codec.ts';
import type { OwnersRecord } from '../../parking-log/parking-log-record.ts';
import { Fifo } from '../fifo.ts';

interface Pending {
  readonly record: OwnersRecord;
  /** Called when it was read back and counts. */
  readonly applied: () => void;
}

export interface ParkingLogWriterOptions {
  readonly world: World;
  readonly log: Pick<EventLog, 'append'>;
  readonly topic: string;
  readonly partition: number;
  readonly claim: number;
  readonly signal: AbortSignal;
  readonly trouble: (error: unknown) => void;
}

/** In one append. */
const MOST_RECORDS = 500;
const PAUSES = { base: 50, max: 5000 };

export class ParkingLogWriter {
  readonly #options: ParkingLogWriterOptions;
  #pending = new Fifo<Pending>();
  #claim: number;
  /** Sequence number of the first pending one. */
  #seq = 1;
  /** How many of the pending records need not be appended again, as far as known. */
  #sent = 0;
  #sending = false;
  #held = false;
  #idle: (() => void)[] = [];

  constructor(options: ParkingLogWriterOptions) {
    this.#options = options;
    this.#claim = options.claim;
  }

  get pending(): number {
    return this.#pending.length;
  }

  write(record: OwnersRecord, applied: () => void): void {
    this.#pending.push({ record, applied });
    this.#flush();
  }

  /** The next of our records came back, and it counts. */
  readBack(): void {
    const first = this.#pending.shift();
    this.#seq++;
    if (this.#sent > 0) this.#sent--;
    first?.applied();
    this.#wakeIdle();
  }

  /**
   * Resolves when everything written was read back. Never rejects; does not resolve once the owner
   * has stopped.
   */
  drained(): Promise<void> {
    return this.#whenIdle(() => this.#pending.length === 0);
  }

  /** Appends nothing more and resolves when nothing is on its way: the moment for a new claim. */
  async hold(): Promise<void> {
    this.#held = true;
    await this.#whenIdle(() => !this.#sending && this.#sent === 0);
  }

  /**
   * Records on their way will not come back. All are appended again, behind those of `writeFirst`,
   * once there is a claim for them.
   */
  startOver(writeFirst: () => void): void {
    this.#held = true;
    this.#sent = 0;
    const pending = this.#pending;
    this.#pending = new Fifo();
    writeFirst();
    for (const each of pending.slice(0, pending.length)) this.#pending.push(each);
    this.#wakeIdle();
  }

  /**
   * Goes on under this claim. Records that were sent under another claim and did not come back
   * before it do not count.
   */
  release(claim = this.#claim): void {
    if (claim !== this.#claim) {
      this.#seq = 1;
      this.#sent = 0;
    }
    this.#claim = claim;
    this.#held = false;
    this.#flush();
  }

  #whenIdle(holds: () => boolean): Promise<void> {
    if (holds()) return Promise.resolve();
    return new Promise(resolve => {
      const look = () => {
        if (holds()) resolve();
        else this.#idle.push(look);
      };
      this.#idle.push(look);
    });
  }

  #wakeIdle(): void {
    if (this.#idle.length === 0) return;
    const waiting = this.#idle;
    this.#idle = [];
    for (const look of waiting) look();
  }

  #flush(): void {
    if (this.#sending || this.#held || this.#sent === this.#pending.length || this.#options.signal.aborted) return;
    this.#sending = true;
    void this.#send();
  }

  async #send(): Promise<void> {
    const { world, log, topic, partition, signal, trouble } = this.#options;
    let failures = 0;
    while (!signal.aborted && this.#sent < this.#pending.length && !this.#held) {
      const batch = this.#pending.slice(this.#sent, MOST_RECORDS);
      const seq = this.#seq + this.#sent;
      const claim = this.#claim;
      this.#sent += batch.length;
      try {
        await log.append(
          topic,
          batch.map(({ record }, index) => encodeParkingLogRecord({ ...record, claim, seq: seq + index }, partition)),
        );
        failures = 0;
      } catch (error) {
        // Records that arrived are read back sooner or later. The writer appends all others again,
        // in order and unchanged.
        this.#sent = 0;
        trouble(error);
        // Only its owner's end stops it.
        await sleep(world, pauseAfter(++failures, PAUSES, world.random()), signal).catch(() => {});
      }
    }
    this.#sending = false;
    this.#wakeIdle();
  }
}
