// What a function that gathers reads: every item once, and never a stream that was
// cut off as if it were whole.
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { gathered } from '../../sdk/gathered.ts';

const HEAD = { job: { id: '1', fanOut: 'f', generation: 0, items: 2, succeeded: 1, failed: 1 }, event: { data: 7 } };
const ITEMS = [
  { index: 0, state: 'succeeded', status: 200, result: 'ä' },
  { index: 1, state: 'failed', reason: 'refused', attempts: 1, error: { message: 'no' } },
];
const requestOf = (lines: readonly unknown[], size = 1e6) => {
  const bytes = Buffer.from(lines.map(line => `${JSON.stringify(line)}\n`).join(''));
  const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
    bytes.subarray(at * size, (at + 1) * size),
  );
  return { stream: () => Readable.from(chunks, { objectMode: false }) };
};
const read = async (request: ReturnType<typeof requestOf>) => {
  const { job, event, items } = await gathered(request);
  const all: unknown[] = [];
  for await (const item of items) all.push(item);
  return { job, event, items: all };
};

describe('gathered', () => {
  for (const size of [1, 7, 1e6]) {
    it(`gives the job, its event and each item, in pieces of ${size} bytes`, async () => {
      const whole = await read(requestOf([HEAD, ...ITEMS, { end: true, count: 2 }], size));
      assert.deepEqual(whole, { ...HEAD, items: ITEMS });
    });
  }

  const cut: Record<string, readonly unknown[]> = {
    'has no end': [HEAD, ...ITEMS],
    'ends before its items': [HEAD],
    'counts more than there are': [HEAD, ITEMS[0], { end: true, count: 2 }],
  };
  for (const [name, lines] of Object.entries(cut)) {
    it(`throws when the stream ${name}`, async () => {
      await assert.rejects(read(requestOf(lines)), /cut off/);
    });
  }

  it('refuses what is no such request', async () => {
    await assert.rejects(read(requestOf([{ a: 1 }])), TypeError);
    await assert.rejects(read(requestOf([])), TypeError);
  });
});
