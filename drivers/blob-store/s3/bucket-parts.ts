// The parts that read and write a bucket. They are made once the bucket has answered, and it is
// asked anew until it does.
import type { World } from '../../../core/world.ts';
import type { ServedClock } from '../../served-clock.ts';
import { type BufferBudget, createBufferBudget } from './buffer-budget.ts';
import { claimBucket } from './claim-bucket.ts';
import { ClaimedKeys } from './claims/claims.ts';
import { createDirectWrites, type DirectWrites } from './direct-writes.ts';
import type { Journal } from './journal/journal.ts';
import type { S3Link } from './link.ts';
import { createObjectNames, type KeyStyle, type Places } from './object-names.ts';
import { ObjectReads } from './reads.ts';
import { toBlobError } from './s3-error.ts';
import { keepSweeping } from './sweeper.ts';
import { createWrites, type Writes } from './writes.ts';

export interface BucketPartsOptions {
  readonly world: World;
  readonly link: S3Link;
  readonly places: Places;
  readonly prefix: string;
  readonly keys: KeyStyle | undefined;
  readonly clock: ServedClock;
  readonly journal: Journal;
  readonly maxBufferedBytes: number;
  readonly partBytes: number;
  /** Whether changes of a key are told in the journal. */
  readonly told: (key: string) => boolean;
  readonly keepChangesMs: number;
  readonly abandonedUploadMs: number;
  readonly sweepMs: number;
  readonly log: (line: string) => void;
}

export interface OpenBucket {
  readonly reads: ObjectReads;
  readonly writes: Writes;
  readonly direct: DirectWrites;
}

export class BucketParts {
  readonly #options: BucketPartsOptions;
  readonly #budget: BufferBudget;
  readonly #closing = new AbortController();
  #opening: Promise<OpenBucket> | undefined;
  #writes: Writes | undefined;
  #sweeping: Promise<void> | undefined;

  constructor(options: BucketPartsOptions) {
    const { world, link, maxBufferedBytes } = options;
    this.#options = options;
    this.#budget = createBufferBudget(world, maxBufferedBytes, link.requestTimeoutMs);
  }

  get isClosing(): boolean {
    return this.#closing.signal.aborted;
  }

  open(): Promise<OpenBucket> {
    this.#opening ??= this.#begin().catch(error => {
      this.#opening = undefined;
      throw toBlobError(error, this.#options.link.where);
    });
    return this.#opening;
  }

  /** The sweep ends with its current step, and who waits for changes gets what there is. */
  startClosing(): void {
    this.#closing.abort(new Error('The blob store is closed.'));
  }

  /** Resolves when what was promised to be tidied up is. */
  async settled(): Promise<void> {
    await this.#writes?.settled();
  }

  async sweepEnded(): Promise<void> {
    await this.#sweeping;
  }

  async #begin(): Promise<OpenBucket> {
    const { world, link, places, prefix, keys, journal, told, partBytes } = this.#options;
    const names = createObjectNames(prefix, await claimBucket({ world, link, places, keys }));
    const reads = new ObjectReads({ world, link, names });
    const claims = new ClaimedKeys({ world, link, places, journal, head: key => reads.head(key) });
    const writes = createWrites({ world, link, names, reads, claims, budget: this.#budget, told, partBytes });
    const { clock, keepChangesMs, abandonedUploadMs, sweepMs, log } = this.#options;
    this.#writes = writes;
    this.#sweeping ??= keepSweeping(
      {
        world,
        clock,
        link,
        places,
        claims,
        ends: journal.ends,
        data: names.data,
        keepChangesMs,
        abandonedUploadMs,
        sweepMs,
        log,
      },
      this.#closing.signal,
    );
    const direct = createDirectWrites({ world, link, places, names, reads, claims, told });
    return { reads, writes, direct };
  }
}
