// Looks after the disk under the data folder: whether it takes writes and gives reads, how much is
// free, and a warning before it is full.
import { stat, statfs } from 'node:fs/promises';
import type { World } from '../../core/world.ts';
import type { DiskTroubles } from '../../drivers/sqlite/database.ts';
import type { GatewayLogEntry } from '../platform-events.ts';
import type { Service } from './watch-services.ts';

export interface Space {
  /** The bytes that this user may still write. */
  readonly freeBytes: number;
  readonly sizeBytes: number;
  /** The database file with its write-ahead log. */
  readonly databaseBytes: number;
}

export interface DiskFigures extends Space {
  readonly low: boolean;
}

export interface DiskWatchOptions {
  readonly world: World;
  /** The parts that are kept there, for people, such as `log, store`. */
  readonly parts: readonly string[];
  readonly folder: string;
  readonly database: string;
  troubles(): DiskTroubles;
  /** The health of the storage: tries again after a failure. */
  health(): Promise<{ readonly ok: boolean; readonly reason?: string }>;
  readonly log: (entry: GatewayLogEntry) => void;
  /** Default: the file system's own figures. */
  readonly space?: (folder: string, database: string) => Promise<Space>;
}

export interface DiskWatch {
  readonly service: Service;
  /** The last figures; undefined before the first. */
  figures(): DiskFigures | undefined;
}

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
/** Below it not even a small commit is sure to fit. */
const NOTHING_BYTES = MIB / 4;
/** As much as may wait to be written at once. */
const LEAST_BYTES = 64 * MIB;
const LOW_SHARE = 0.1;
/** However large the disk is, so much is plenty. */
const PLENTY_BYTES = 10 * GIB;
/** A warning is taken back only with so much more than it was given for. */
const CLEAR = 1.25;
const SETTLE_MS = 10_000;

/** Free bytes below which people are warned. */
export function lowBelow(sizeBytes: number): number {
  const least = Math.min(LEAST_BYTES, sizeBytes / 4);
  return Math.max(least, Math.min(sizeBytes * LOW_SHARE, PLENTY_BYTES));
}

export function isLow({ freeBytes, sizeBytes }: Pick<Space, 'freeBytes' | 'sizeBytes'>, before: boolean): boolean {
  return freeBytes < lowBelow(sizeBytes) * (before ? CLEAR : 1);
}

export function watchDisk(options: DiskWatchOptions): DiskWatch {
  const { parts, folder, database, troubles, log, space = spaceOf } = options;
  let figures: DiskFigures | undefined;
  let counted = troubles().count;

  const look = async (): Promise<string | undefined> => {
    const found = await space(folder, database);
    const low = isLow(found, figures?.low ?? false);
    if (low && !figures?.low) log({ level: 'warn', message: warningOf(folder, found), fields: fieldsOf(found) });
    if (!low && figures?.low)
      log({ level: 'info', message: `The disk of ${folder} has enough space again`, fields: fieldsOf(found) });
    figures = { ...found, low };
    return found.freeBytes < NOTHING_BYTES
      ? `There is no space left for ${folder}. Free some on that disk; writing goes on by itself.`
      : undefined;
  };

  return {
    figures: () => figures,
    service: {
      name: `Disk (${parts.join(', ')})`,
      tells: false,
      disk: true,
      settleMs: SETTLE_MS,
      async health() {
        const full = await look();
        const { count, reason } = troubles();
        const failed = count > counted;
        counted = count;
        const found = await options.health();
        if (!found.ok) return found;
        if (failed) return { ok: false, reason };
        return full === undefined ? { ok: true } : { ok: false, reason: full };
      },
    },
  };
}

function warningOf(folder: string, { freeBytes, sizeBytes }: Space): string {
  const share = ((freeBytes / sizeBytes) * 100).toFixed(1);
  return `The disk of ${folder} is filling: ${toMib(freeBytes)} MiB (${share}%) are free. When it is full, events and changes are refused; free some space or make it larger`;
}

function fieldsOf({ freeBytes, sizeBytes }: Space) {
  return { freeBytes, sizeBytes };
}

function toMib(bytes: number): number {
  return Math.floor(bytes / MIB);
}

async function spaceOf(folder: string, database: string): Promise<Space> {
  const [{ bavail, blocks, bsize }, databaseBytes] = await Promise.all([statfs(folder), sizeOf(database)]);
  return { freeBytes: bavail * bsize, sizeBytes: blocks * bsize, databaseBytes };
}

async function sizeOf(database: string): Promise<number> {
  const sizes = await Promise.all(
    [database, `${database}-wal`].map(path =>
      stat(path).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
