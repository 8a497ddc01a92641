// The content of one object as a file: written once with a checksum per piece, read with each piece
// checked before its bytes are given out.
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { TenfoldError } from '../../../core/errors.ts';
import { SYNC_BYTES } from '../../sqlite/sync-bytes.ts';
import type { Extent } from '../range.ts';

/** Bytes of a piece; the last one is shorter. Also what a stream holds in memory, about. */
export const PIECE = 256 * 1024;

export interface Content {
  readonly size: number;
  readonly etag: string;
  /** Four bytes for each piece, little-endian. */
  readonly checks: Uint8Array;
}

export interface ContentOptions {
  readonly maxBytes: number;
  readonly signal?: AbortSignal | undefined;
}

/** Writes a new file and resolves when it is on disk; its name is the caller's to make durable. */
export async function writeContent(
  path: string,
  body: AsyncIterable<Uint8Array>,
  options: ContentOptions,
): Promise<Content> {
  const { O_CREAT, O_EXCL, O_WRONLY, O_NOFOLLOW } = constants;
  const file = await open(path, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW, 0o640);
  try {
    const hash = createHash('sha256');
    const checks: number[] = [];
    const piece = Buffer.allocUnsafe(PIECE);
    let filled = 0;
    let size = 0;
    const flush = async () => {
      const bytes = piece.subarray(0, filled);
      hash.update(bytes);
      checks.push(crc32(bytes));
      await writeAll(file, bytes);
      filled = 0;
      if ((checks.length * PIECE) % SYNC_BYTES === 0) await file.datasync();
    };
    for await (const chunk of body) {
      options.signal?.throwIfAborted();
      size += chunk.byteLength;
      if (size > options.maxBytes)
        throw new TenfoldError('body-too-large', `The body is longer than ${options.maxBytes} bytes.`);
      for (let at = 0; at < chunk.byteLength; ) {
        const length = Math.min(PIECE - filled, chunk.byteLength - at);
        piece.set(chunk.subarray(at, at + length), filled);
        filled += length;
        at += length;
        if (filled === PIECE) await flush();
      }
    }
    options.signal?.throwIfAborted();
    if (filled > 0) await flush();
    await file.sync();
    const packed = Buffer.alloc(checks.length * 4);
    for (const [index, check] of checks.entries()) packed.writeUInt32LE(check, index * 4);
    return { size, etag: hash.digest('hex').slice(0, 32), checks: packed };
  } finally {
    await file.close();
  }
}

/** A write may take a part. */
async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.byteLength; ) at += (await file.write(bytes, at)).bytesWritten;
}

/**
 * Takes over `file` and closes it. `name`: for messages. `failed`: turns an error of the disk
 * into one for whoever reads.
 */
export function readContent(
  file: FileHandle,
  checks: Uint8Array,
  size: number,
  { first, length }: Extent,
  name: string,
  failed: (error: unknown) => unknown = error => error,
): Readable {
  const table = Buffer.from(checks.buffer, checks.byteOffset, checks.byteLength);
  const end = first + length;
  let at = first;
  const next = async (): Promise<Buffer | null> => {
    if (at >= end) return null;
    const index = Math.floor(at / PIECE);
    const start = index * PIECE;
    const wanted = Math.min(PIECE, size - start);
    const piece = Buffer.allocUnsafe(wanted);
    let filled = 0;
    while (filled < wanted) {
      const { bytesRead } = await file.read(piece, filled, wanted - filled, start + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    if (filled < wanted || index * 4 + 4 > table.length || crc32(piece) !== table.readUInt32LE(index * 4))
      throw damaged(name, start);
    const bytes = piece.subarray(at - start, Math.min(wanted, end - start));
    at += bytes.length;
    return bytes;
  };
  return new Readable({
    highWaterMark: PIECE,
    read() {
      next().then(
        bytes => this.push(bytes),
        error => this.destroy(toError(failed(error))),
      );
    },
    destroy(error, done) {
      file.close().then(
        () => done(error),
        failed => done(error ?? failed),
      );
    },
  });
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function damaged(name: string, at: number): TenfoldError {
  return new TenfoldError(
    'data-corrupt',
    `The object '${name}' is damaged at byte ${at} or behind. That part is not served; write the object anew.`,
  );
}
