// Keeps a lot short: claims anew, moves what is open behind the new claim, lets the commit follow, and trims up to the claim, which stays.
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import { type LotState, toRecord } from '../../lot/fold-lot.ts';
import { encodeLotRecord } from '../../lot/lot-codec.ts';
import type { Checkpoint } from '../../lot/lot-record.ts';
import type { Lanes } from '../lanes/lanes.ts';
import type { DispatchLimits } from '../limits.ts';
import type { LotSteps } from './lot-steps.ts';
import type { LotWriter } from './lot-writer.ts';

export interface CompactionOptions {
  readonly log: EventLog;
  readonly lotTopic: string;
  readonly partition: number;
  readonly limits: DispatchLimits;
  readonly state: LotState;
  readonly lanes: Lanes;
  readonly steps: LotSteps;
  readonly writer: LotWriter;
  readonly newNonce: () => string;
  /** What is done; undefined while the owner does not know it all yet. */
  readonly checkpoint: () => Checkpoint | undefined;
  readonly trouble: (error: unknown) => void;
  /** Whether the claim was made is not known: the owner has to begin again. */
  readonly failed: (error: unknown) => void;
}

/** In one go; the rest at the next tick. */
const MOST_MOVES = 1000;

export class Compaction {
  readonly #options: CompactionOptions;
  /** Of the claim that is on its way. */
  #nonce: string | undefined;
  /** Of all that were made and have not been read. */
  readonly #made = new Set<string>();
  /** The last claim that was made anew. */
  #checked = -1;
  /** It says what was done then, so that what is before it is not needed. */
  #mayTrim = false;
  #trimmed = 0;
  #trimming = false;
  /** Bytes read of the lot behind the claim. */
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

  /** The lot was deleted and made again: what is open is known here alone until it is written again, before all else, behind a new claim. */
  begin(): void {
    const { state, lanes, steps, writer } = this.#options;
    writer.startOver(() => {
      for (const entry of state.entries.values()) {
        const item = lanes.inLot.get(entry.event);
        if (item) steps.move(item, entry);
        else writer.write(toRecord(entry), () => {});
      }
    });
    void this.#claimAnew();
  }

  /** Once a second. `watermark`: up to where the lot is not needed. */
  tick(claim: number, watermark: number, read: number): void {
    if (this.#nonce !== undefined) return;
    const { limits, state, lanes } = this.#options;
    const open = state.entries.size + state.commands.size;
    const behind = read - Math.min(claim, watermark);
    const tooLong = behind >= Math.max(limits.lotRecords, 3 * open);
    const tooLarge = this.#bytes >= Math.max(limits.lotBytes, 3 * lanes.parkedBytes);
    if (claim === this.#checked && watermark < claim) this.#move(claim);
    else if ((tooLong || tooLarge) && this.#options.checkpoint()) void this.#claimAnew();
  }

  async #claimAnew(): Promise<void> {
    const { log, lotTopic, partition, writer, newNonce, failed } = this.#options;
    const nonce = newNonce();
    this.#nonce = nonce;
    this.#made.add(nonce);
    await writer.hold();
    const checkpoint = this.#options.checkpoint();
    this.#mayTrim = checkpoint !== undefined;
    try {
      await log.append(lotTopic, [encodeLotRecord({ type: 'claim', nonce, checkpoint }, partition)]);
    } catch (error) {
      if (this.#nonce === nonce) failed(error);
    }
  }

  #move(claim: number): void {
    const { state, lanes, steps } = this.#options;
    let moves = 0;
    for (const entry of state.entries.values()) {
      if (entry.mark.offset >= claim || moves >= MOST_MOVES) continue;
      const item = lanes.inLot.get(entry.event);
      if (item === undefined || item.pending > 0) continue;
      steps.move(item, entry);
      moves++;
    }
  }

  /** A commit is durable whose watermark in the lot is this. */
  committed(claim: number, watermark: number): void {
    if (!this.#mayTrim || claim !== this.#checked || watermark < claim || this.#trimmed >= claim || this.#trimming)
      return;
    void this.#trim(claim);
  }

  async #trim(claim: number): Promise<void> {
    const { log, lotTopic, partition, trouble } = this.#options;
    this.#trimming = true;
    try {
      await log.trim(lotTopic, partition, claim);
      this.#trimmed = claim;
    } catch (error) {
      trouble(error);
    }
    this.#trimming = false;
  }
}
