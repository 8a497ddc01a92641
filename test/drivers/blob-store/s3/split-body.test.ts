// How bodies are divided: nothing is lost or out of order, parts have the sizes that S3 demands,
// and small chunks cost little.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { realWorld } from '../../../../core/world.ts';
import { createBufferBudget } from '../../../../drivers/blob-store/s3/buffer-budget.ts';
import { createPartBuffers } from '../../../../drivers/blob-store/s3/part-buffers.ts';
import { splitBody } from '../../../../drivers/blob-store/s3/split-body.ts';
import { content, rejectsWith } from '../../../contract/blob-store/subject.ts';
import { assertKeptSince, keptBytes } from '../../../kept-memory.ts';

const budget = createBufferBudget(realWorld, 1e9, 1000);
const buffers = createPartBuffers(50_000, 4);
const settings = { partBytes: 50_000, maxBytes: 1e9, budget, buffers, signal: undefined };

async function* cutUp(bytes: Uint8Array, sizes: readonly number[]) {
  for (let at = 0, n = 0; at < bytes.length; n++) {
    const size = sizes[n % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

describe('bodies on their way to S3', () => {
  it('are divided as they are, whatever their chunks', async () => {
    const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 120_000 })), {
      minLength: 1,
      maxLength: 5,
    });
    await fc.assert(
      fc.asyncProperty(fc.nat(400_000), sizes, fc.boolean(), async (length, chunks, isWhole) => {
        const bytes = content(length);
        const parts: Uint8Array[] = [];
        let last = false;
        for await (const part of splitBody(isWhole ? bytes : cutUp(bytes, chunks), settings)) {
          assert.ok(!last);
          last = part.isLast;
          if (!last) assert.equal(part.bytes.length, 50_000);
          // As when it is sent while more comes.
          parts.push(Buffer.from(part.bytes));
          part.release(true);
        }
        assert.ok(last);
        assert.ok(Buffer.concat(parts).equals(bytes));
      }),
      { numRuns: 60 },
    );
  });

  it('in very small chunks need little more memory than their bytes', async () => {
    const one = Buffer.alloc(1_000_000, 'x');
    async function* dribble() {
      for (let at = 0; at < one.length; at++) yield one.subarray(at, at + 1);
    }
    const before = keptBytes();
    let parts = 0;
    const limits = { ...settings, partBytes: 5_000_000 };
    for await (const { bytes, release } of splitBody(dribble(), limits)) {
      parts++;
      assert.equal(bytes.length, one.length);
      await assertKeptSince(before, 20_000_000);
      release();
    }
    assert.equal(parts, 1);
  });

  it('wait for room, and are refused when none comes', async () => {
    const small = createBufferBudget(realWorld, 100, 30);
    const first = small.open();
    await first.take(90, undefined);
    const second = small.open();
    await rejectsWith('overloaded', second.take(20, undefined));
    const later = second.take(20, undefined);
    first.send(90);
    first.sent(90);
    await later;
    const controller = new AbortController();
    const third = small.open().take(1000, controller.signal);
    controller.abort(new Error('gone'));
    await assert.rejects(third, /gone/);
  });

  it('go on by one when all wait for each other', async () => {
    const small = createBufferBudget(realWorld, 100, 5000);
    const [first, second] = [small.open(), small.open()];
    await first.take(60, undefined);
    await second.take(40, undefined);
    const [ofFirst, ofSecond] = [first.take(30, undefined), second.take(30, undefined)];
    await ofFirst;
    first.send(90);
    first.sent(90);
    await ofSecond;
  });
});
