// The first and last segment of the journal. Segments have numbers without gaps and only the oldest
// are removed, so a few requests find the end.
import type { World } from '../../../../core/world.ts';
import type { S3Link } from '../link.ts';
import type { Places } from '../object-names.ts';
import { isMissing } from '../s3-error.ts';

export interface JournalEnds {
  /**
   * The number of the last known segment; 0 when there is none. It asks the server when it knows
   * none of at least `atLeast`, or when its knowledge is too old.
   */
  tail(atLeast?: number): Promise<number>;
  /** The last one at this moment. */
  freshTail(): Promise<number>;
  /** The first that is kept; the next one when there is none. */
  oldest(): Promise<number>;
  /** The last one that somebody has seen; 0: none. */
  known(): number;
  /** Records that this segment has been seen. */
  isAtLeast(number: number): void;
}

/**
 * Far shorter than segments are kept: whoever writes behind the end that it knows must not
 * fill a gap that was removed.
 */
const TRUST_MS = 600_000;

export function openJournalEnds({ world, link, places }: { world: World; link: S3Link; places: Places }): JournalEnds {
  let known: number | undefined;
  let knownAt = Number.NEGATIVE_INFINITY;

  const isAtLeast = (number: number) => {
    if (known === undefined || number > known) known = number;
    knownAt = world.monotonic();
  };

  async function exists(number: number): Promise<boolean> {
    try {
      await link.call((s3, options) => s3.headObject({ Bucket: link.bucket, Key: places.segment(number) }, options));
      return true;
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
  }

  async function first(): Promise<number | undefined> {
    const input = { Bucket: link.bucket, Prefix: places.journal, MaxKeys: 1 };
    const { Contents = [] } = await link.call((s3, options) => s3.listObjectsV2(input, options));
    const name = Contents[0]?.Key;
    return name === undefined ? undefined : places.numberOf(name);
  }

  /** The last of those from `from` on, which is there. */
  async function lastFrom(from: number): Promise<number> {
    let low = from;
    let step = 1;
    while (await exists(low + step)) {
      low += step;
      step *= 2;
    }
    for (step = Math.floor(step / 2); step >= 1; step = Math.floor(step / 2)) if (await exists(low + step)) low += step;
    return low;
  }

  async function find(): Promise<number> {
    const isTrusted = known !== undefined && known > 0 && world.monotonic() - knownAt < TRUST_MS;
    const from = isTrusted ? known : await first();
    const last = from === undefined ? 0 : await lastFrom(from);
    isAtLeast(last);
    return known ?? last;
  }

  return {
    isAtLeast,
    known: () => known ?? 0,
    freshTail: find,
    async tail(atLeast = 0) {
      const isEnough = known !== undefined && known >= atLeast && world.monotonic() - knownAt < TRUST_MS;
      return isEnough && known !== undefined ? known : await find();
    },
    oldest: async () => (await first()) ?? (await find()) + 1,
  };
}
