// The inner limits of a dispatcher. Users cannot set them; tests make them small.
import { MAX_METADATA } from '../../drivers/event-log/event-log.ts';
import { keysTakeTurns } from './lanes/parties.ts';
import type { DispatchSettings } from './settings.ts';

export interface DispatchLimits {
  /** Bytes of a commit's metadata. */
  readonly metadataBytes: number;
  /** Events of one partition in memory that are not parked. */
  readonly freshEvents: number;
  /** The same while the last commit could hardly hold all holes. */
  readonly freshEventsWhenTight: number;
  /** Records of the source in one read. */
  readonly readRecords: number;
  /** Bytes of all partitions of one process together. */
  readonly freshBytes: number;
  readonly commitEveryMs: number;
  /**
   * Records of a parking log behind its watermark or the owner's claim. Beyond this the owner moves
   * its open entries to the end, and trims.
   */
  readonly parkingLogRecords: number;
  /** The same in bytes. */
  readonly parkingLogBytes: number;
}

export function defaultLimits(settings: DispatchSettings): DispatchLimits {
  const { concurrency, batch, share } = settings;
  // Parties take turns among the events that have been read. A party with more than this in a
  // partition keeps the others waiting.
  const least = share || keysTakeTurns(settings) ? 4_096 : 512;
  return {
    metadataBytes: MAX_METADATA,
    freshEvents: Math.min(Math.max(2 * concurrency * (batch?.size ?? 1), least), 16_384),
    // 900 holes take three bytes each up to a distance of two million: in base64 less than a commit
    // holds.
    freshEventsWhenTight: 900,
    readRecords: 500,
    freshBytes: 32 * 1024 * 1024,
    commitEveryMs: 1000,
    parkingLogRecords: 20_000,
    parkingLogBytes: 64 * 1024 * 1024,
  };
}
