// Divides a body of unknown length into parts as S3 takes them, and holds no more than one of them.
import { TenfoldError } from '../../../core/errors.ts';
import type { BufferBudget } from './buffer-budget.ts';
import { createGathered } from './gather.ts';
import type { PartBuffers } from './part-buffers.ts';

export interface Part {
  readonly bytes: Uint8Array;
  readonly isLast: boolean;
  /** To be called when its bytes are needed no more; `isSent`: nobody sends them any more. */
  release(isSent?: boolean): void;
}

export interface SplitOptions {
  /** Bytes of the first parts; S3 demands 5 MiB of all but the last. */
  readonly partBytes: number;
  readonly maxBytes: number;
  readonly budget: BufferBudget;
  readonly buffers: PartBuffers;
  readonly signal: AbortSignal | undefined;
}

/** S3 takes 10,000 parts of one object: so later ones are larger. */
const GROWTH: readonly { readonly from: number; readonly factor: number }[] = [
  { from: 6000, factor: 8 },
  { from: 2000, factor: 2 },
];

/** At least one part, if an empty one; the last one is known to be the last. */
export async function* splitBody(
  body: AsyncIterable<Uint8Array> | Uint8Array,
  options: SplitOptions,
): AsyncGenerator<Part> {
  let number = 0;
  const sizeOfNext = () => options.partBytes * (GROWTH.find(({ from }) => number >= from)?.factor ?? 1);
  if (body instanceof Uint8Array) {
    assertFits(body.byteLength, options.maxBytes);
    let at = 0;
    do {
      const bytes = body.subarray(at, at + sizeOfNext());
      at += bytes.byteLength;
      number++;
      yield { bytes, isLast: at >= body.byteLength, release() {} };
    } while (at < body.byteLength);
    return;
  }
  const { signal } = options;
  const share = options.budget.open();
  const gathered = createGathered(options.buffers);
  let total = 0;
  const cut = (length: number, isLast: boolean): Part => {
    const { bytes, buffer } = gathered.take(length);
    number++;
    share.send(length);
    const release = (isSent = false) => {
      if (isSent && buffer) options.buffers.give(buffer);
      share.sent(length);
    };
    return { bytes, isLast, release };
  };
  try {
    for await (const chunk of body) {
      signal?.throwIfAborted();
      total += chunk.byteLength;
      assertFits(total, options.maxBytes);
      if (chunk.byteLength === 0) continue;
      // More is there, so what is full is not the last.
      while (gathered.bytes >= sizeOfNext()) yield cut(sizeOfNext(), false);
      await share.take(chunk.byteLength, signal);
      gathered.add(chunk);
    }
    signal?.throwIfAborted();
    while (gathered.bytes > sizeOfNext()) yield cut(sizeOfNext(), false);
    yield cut(gathered.bytes, true);
  } finally {
    share.close();
  }
}

function assertFits(bytes: number, maxBytes: number): void {
  if (bytes > maxBytes) throw new TenfoldError('body-too-large', `The body is longer than ${maxBytes} bytes.`);
}
