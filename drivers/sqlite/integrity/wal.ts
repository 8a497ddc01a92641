// Walks SQLite's write-ahead log before SQLite does, which takes a damaged frame for the end of the
// file and drops every commit after it in silence.
import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';

/** https://www.sqlite.org/fileformat2.html#walformat */
export const WAL_HEADER = 32;
export const FRAME_HEADER = 24;
const MAGIC = 0x377f0682;
/** Frames read at a time. */
const STEP = 256;

export interface WalDamage {
  /** Byte in the WAL at which the damaged header or frame begins. */
  readonly offset: number;
  /**
   * Whole commits after it that SQLite would drop. The first may have been
   * under way when the power went.
   */
  readonly laterCommits: number;
}

export interface WalWalk {
  readonly pageSize: number;
  /** Frames up to the last commit that SQLite finds. */
  readonly frames: number;
  readonly commits: number;
  readonly damage?: WalDamage;
}

export type Sum = readonly [number, number];

export interface WalHeader {
  readonly pageSize: number;
  readonly isBigEndian: boolean;
  readonly salt: bigint;
  readonly sum: Sum;
  /** Its own checksum is right. */
  readonly isSound: boolean;
}

/** Undefined: there is no WAL, or nothing in it. */
export function walkWal(path: string): WalWalk | undefined {
  if (!existsSync(path)) return undefined;
  const handle = openSync(path, 'r');
  try {
    const { size } = fstatSync(handle);
    const head = Buffer.alloc(WAL_HEADER);
    if (readSync(handle, head, 0, WAL_HEADER, 0) < WAL_HEADER) return undefined;
    const header = readWalHeader(head);
    if (!header)
      return {
        pageSize: 0,
        frames: 0,
        commits: 0,
        ...(size > WAL_HEADER && { damage: { offset: 0, laterCommits: 0 } }),
      };
    return walkFrames(handle, header);
  } finally {
    closeSync(handle);
  }
}

/** Undefined when its page size cannot be. */
export function readWalHeader(head: Buffer): WalHeader | undefined {
  const pageSize = head.readUInt32BE(8);
  if (pageSize < 512 || pageSize > 65536 || (pageSize & (pageSize - 1)) !== 0) return undefined;
  const magic = head.readUInt32BE(0);
  const isBigEndian = (magic & 1) === 1;
  const sum = walChecksum(head, 0, 24, [0, 0], isBigEndian);
  const isSound = magic >>> 1 === MAGIC >>> 1 && sum[0] === head.readUInt32BE(24) && sum[1] === head.readUInt32BE(28);
  return { pageSize, isBigEndian, salt: head.readBigUInt64BE(16), sum: readSum(head, 24), isSound };
}

function walkFrames(handle: number, header: WalHeader): WalWalk {
  const size = FRAME_HEADER + header.pageSize;
  const buffer = Buffer.allocUnsafe(size * STEP);
  const found = { pageSize: header.pageSize, frames: 0, commits: 0 };
  let damagedAt = header.isSound ? undefined : 0;
  let laterCommits = 0;
  let { sum } = header;
  let { salt } = header;
  for (let number = 0; ; ) {
    const length = readSync(handle, buffer, 0, buffer.length, WAL_HEADER + number * size);
    const count = Math.floor(length / size);
    for (let index = 0; index < count; index++, number++) {
      const start = index * size;
      // With a damaged header the first frame says which salt is meant.
      if (number === 0 && !header.isSound) salt = buffer.readBigUInt64BE(start + 8);
      const isSound = isSoundFrame(buffer, start, size, salt, sum, header.isBigEndian);
      const isCommit = buffer.readUInt32BE(start + 4) !== 0;
      if (isSound && isCommit && damagedAt === undefined) {
        found.frames = number + 1;
        found.commits++;
      }
      if (isSound && isCommit && damagedAt !== undefined) laterCommits++;
      if (!isSound) damagedAt ??= WAL_HEADER + number * size;
      // The content of a frame is enough to judge the one after it.
      sum = readSum(buffer, start + 16);
    }
    if (count < STEP) break;
  }
  if (damagedAt === undefined || laterCommits === 0) return found;
  return { ...found, damage: { offset: damagedAt, laterCommits } };
}

/** `sum`: of the frame before, as stored there. */
export function isSoundFrame(
  buffer: Buffer,
  start: number,
  size: number,
  salt: bigint,
  sum: Sum,
  isBigEndian: boolean,
): boolean {
  if (buffer.readUInt32BE(start) === 0 || buffer.readBigUInt64BE(start + 8) !== salt) return false;
  const [first, second] = frameSum(buffer, start, size, sum, isBigEndian);
  return first === buffer.readUInt32BE(start + 16) && second === buffer.readUInt32BE(start + 20);
}

/** Over the first eight bytes of the frame's header and its page. */
export function frameSum(buffer: Buffer, start: number, size: number, sum: Sum, isBigEndian: boolean): Sum {
  const head = walChecksum(buffer, start, start + 8, sum, isBigEndian);
  return walChecksum(buffer, start + FRAME_HEADER, start + size, head, isBigEndian);
}

export function readSum(buffer: Buffer, at: number): Sum {
  return [buffer.readUInt32BE(at), buffer.readUInt32BE(at + 4)];
}

export function walChecksum(
  buffer: Buffer,
  start: number,
  end: number,
  [first, second]: Sum,
  isBigEndian: boolean,
): Sum {
  let a = first;
  let b = second;
  for (let at = start; at < end; at += 8) {
    a = (a + (isBigEndian ? buffer.readUInt32BE(at) : buffer.readUInt32LE(at)) + b) >>> 0;
    b = (b + (isBigEndian ? buffer.readUInt32BE(at + 4) : buffer.readUInt32LE(at + 4)) + a) >>> 0;
  }
  return [a, b];
}
