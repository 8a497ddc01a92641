// A stream that compresses, and lets go of what it holds when nothing follows for a moment.
import type { Duplex } from 'node:stream';
import { constants, createBrotliCompress, createGzip, createZstdCompress } from 'node:zlib';
import type { Timer, World } from '../../core/world.ts';
import type { Encoding } from '../http/accept-encoding.ts';

/**
 * How long a compressor may hold back what an upstream has sent. Flushing each chunk
 * would cost much of the ratio.
 */
const HOLD_MS = 10;

type Compressor = ReturnType<typeof createGzip | typeof createBrotliCompress | typeof createZstdCompress>;

/**
 * The work is done on libuv's threads, not on the one that serves; a chunk of
 * 64 KiB takes them 1-3 ms.
 */
export function createEncoder(world: World, encoding: Encoding): Duplex {
  const { compressor, flushKind } = create(encoding);
  let timer: Timer | undefined;
  let wroteAt = 0;
  const flushSoon = (afterMs: number) => {
    timer = world.after(afterMs, () => {
      timer = undefined;
      const restMs = wroteAt + HOLD_MS - world.monotonic();
      if (restMs > 0) flushSoon(restMs);
      else if (!compressor.writableEnded && !compressor.destroyed) compressor.flush(flushKind);
    });
  };
  const write = compressor.write.bind(compressor) as (chunk: Buffer) => boolean;
  return Object.assign(compressor, {
    write(chunk: Buffer): boolean {
      wroteAt = world.monotonic();
      if (!timer) flushSoon(HOLD_MS);
      return write(chunk);
    },
  }).once('close', () => timer?.cancel());
}

/**
 * Levels for the way through a gateway: the last percents of the ratio cost several times the time.
 */
function create(encoding: Encoding): { readonly compressor: Compressor; readonly flushKind: number } {
  switch (encoding) {
    case 'gzip':
      return { compressor: createGzip({ level: 6 }), flushKind: constants.Z_SYNC_FLUSH };
    case 'br':
      return {
        compressor: createBrotliCompress({
          params: { [constants.BROTLI_PARAM_QUALITY]: 4, [constants.BROTLI_PARAM_LGWIN]: 19 },
        }),
        flushKind: constants.BROTLI_OPERATION_FLUSH,
      };
    case 'zstd':
      return {
        compressor: createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 3 } }),
        flushKind: constants.ZSTD_e_flush,
      };
  }
}
