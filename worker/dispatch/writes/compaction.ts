// Keeps a parking log short. It claims anew, moves open entries behind the new claim, lets the
// commit follow, and trims up to the claim, which stays.
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import { type ParkingLogState, toRecord } from '../../parking-log/fold-parking-log.ts';
import { encodeParkingLogRecord } from '../../parking-log/parking-log-codec.ts';
import type { Checkpoint } from '../../parking-log/parking-log-record.ts';
import type { Lanes } from '../lanes/lanes.ts';
import type { DispatchLimits } from '../limits.ts';
import type { ParkingLogSteps } from './parking-log-steps.ts';
import type { ParkingLogWriter } from './parking-log-writer.ts';

export interface CompactionOptions {
  readonly log: EventLog;
  readonly parkingLogTopic: string;
  readonly partition: number;
  readonly limits: DispatchLimits;
  readonly state: ParkingLogState;
  readonly lanes: Lanes;
  readonly steps: ParkingLogSteps;
  readonly writer: ParkingLogWriter;
  readonly newNonce: () => string;
  /** The checkpoint of what is done; undefined while the owner does not know all of it yet. */
  readonly checkpoint: () => Checkpoint | undefined;
  readonly trouble: (error: unknown) => void;
  /** It is not known whether the claim was made, so the owner has to begin again. */
  readonly failed: (error: unknown) => void;
}

/** How many entries move in one go; the rest moves at the next tick. */
const MOST_MOVES = 1000;

export class Compaction {
  readonly #options: CompactionOptions;
  /** The nonce of the claim that is on its way. */
  #nonce: string | undefined;
  /** The nonces of all claims that were made and have not been read yet. */
  readonly #made = new Set<string>();
  /** The last claim that was made anew. */
  #checked = -1;
  /** The checkpoint of the claim makes all before it superfluous. */
  #mayTrim = false;
  #trimmed = 0;
  #trimming = false;
  /** Bytes read of the parking log behind the claim. */
  #bytes = 0;

  constructor(options: CompactionOptions) {
    this.#options = options;
  }

  read(bytes: number): void {
    this.#bytes += bytes;
  }

  /** Whether a claim that was read is one of ours. */
  adopts(nonce: string, claim: number): boolean {
    if (!this.#made.delete(nonce)) return false;
    this.#checked = claim;
    if (nonce === this.#nonce) this.#nonce = undefined;
    this.#bytes = 0;
    return true;
  }

  /**
   * The parking log was deleted and made again. Open entries are known here alone until they are
   * written again, before all else, behind a new claim.
   */
  begin(): void {
    const { state, lanes, steps, writer } = this.#options;
    writer.startOver(() => {
      for (const entry of state.entries.values()) {
        const item = lanes.inParkingLog.get(entry.event);
        if (item) steps.move(item, entry);
        else writer.write(toRecord(entry), () => {});
      }
    });
    void this.#claimAnew();
  }

  /** Runs once a second. `watermark`: the offset up to which the parking log is not needed. */
  tick(claim: number, watermark: number, read: number): void {
    if (this.#nonce !== undefined) return;
    const { limits, state, lanes } = this.#options;
    const open = state.entries.size + state.commands.size;
    const behind = read - Math.min(claim, watermark);
    const tooLong = behind >= Math.max(limits.parkingLogRecords, 3 * open);
    const tooLarge = this.#bytes >= Math.max(limits.parkingLogBytes, 3 * lanes.parkedBytes);
    if (claim === this.#checked && watermark < claim) this.#move(claim);
    else if ((tooLong || tooLarge) && this.#options.checkpoint()) void this.#claimAnew();
  }

  async #claimAnew(): Promise<void> {
    const { log, parkingLogTopic, partition, writer, newNonce, failed } = this.#options;
    const nonce = newNonce();
    this.#nonce = nonce;
    this.#made.add(nonce);
    await writer.hold();
    const checkpoint = this.#options.checkpoint();
    this.#mayTrim = checkpoint !== undefined;
    try {
      await log.append(parkingLogTopic, [encodeParkingLogRecord({ type: 'claim', nonce, checkpoint }, partition)]);
    } catch (error) {
      if (this.#nonce === nonce) failed(error);
    }
  }

  #move(claim: number): void {
    const { state, lanes, steps } = this.#options;
    let moves = 0;
    for (const entry of state.entries.values()) {
      if (entry.mark.offset >= claim || moves >= MOST_MOVES) continue;
      const item = lanes.inParkingLog.get(entry.event);
      if (item === undefined || item.pending > 0) continue;
      steps.move(item, entry);
      moves++;
    }
  }

  /** A commit is durable that has this watermark in the parking log. */
  committed(claim: number, watermark: number): void {
    if (!this.#mayTrim || claim !== this.#checked || watermark < claim || this.#trimmed >= claim || this.#trimming)
      return;
    void this.#trim(claim);
  }

  async #trim(claim: number): Promise<void> {
    const { log, parkingLogTopic, partition, trouble } = this.#options;
    this.#trimming = true;
    try {
      await log.trim(parkingLogTopic, partition, claim);
      this.#trimmed = claim;
    } catch (error) {
      trouble(error);
    }
    this.#trimming = false;
  }
}
