// Who makes blocks of names keeps up with the appends, however slow a block is: what no block
// covers stays too little for one.
import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { Indexer } from '../../../../drivers/event-log/sqlite/names/indexer.ts';
import { BLOCK_BYTES, BLOCK_RECORDS } from '../../../../drivers/event-log/sqlite/names/name-rows.ts';
import type { PartitionMirror } from '../../../../drivers/event-log/sqlite/topic-mirror.ts';

const turns = async (count: number) => {
  for (let turn = 0; turn < count; turn++) await setImmediate();
};

/** Chunks that no block covers, and the thread that makes blocks of them. */
class Partition {
  readonly mirror: PartitionMirror = {
    id: 1,
    topic: 'orders',
    number: 0,
    first: 0,
    next: 0,
    changed: new Set(),
    isDeleted: false,
  };
  looks = 0;
  #chunks: { records: number; bytes: number }[] = [];
  #fails = 0;

  get left() {
    const sum = (what: 'records' | 'bytes') => this.#chunks.reduce((total, chunk) => total + chunk[what], 0);
    return { records: sum('records'), bytes: sum('bytes') };
  }

  append(records: number, bytes: number): void {
    this.#chunks.push({ records, bytes });
  }

  fail(times: number): void {
    this.#fails = times;
  }

  /** Longer than any look takes. */
  async untilQuiet(): Promise<void> {
    let seen: number;
    do {
      seen = this.looks;
      await turns(20);
    } while (this.looks !== seen);
  }

  makeBlock(): boolean {
    if (this.#fails-- > 0) throw new Error('The disk is full.');
    let [records, bytes] = [0, 0];
    for (const [at, chunk] of this.#chunks.entries()) {
      records += chunk.records;
      bytes += chunk.bytes;
      if (records < BLOCK_RECORDS && bytes < BLOCK_BYTES) continue;
      this.#chunks = this.#chunks.slice(at + 1);
      return true;
    }
    return false;
  }
}

describe('the indexer of names', () => {
  it('leaves too little for a block, whenever the thread comes to it', async () => {
    const chunk = fc.record({
      records: fc.integer({ min: 1, max: 700 }),
      bytes: fc.integer({ min: 1, max: BLOCK_BYTES / 2 }),
      /** Turns of the loop until the next append. */
      pause: fc.integer({ min: 0, max: 3 }),
    });
    const slow = fc.array(fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 6 })), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(fc.array(chunk, { maxLength: 40 }), slow, async (chunks, delays) => {
        const partition = new Partition();
        const indexer = new Indexer({
          async next() {
            const [before = 0, after = 0] = delays[partition.looks++ % delays.length] ?? [];
            await turns(before);
            const answer = partition.makeBlock() ? 'made' : partition.left;
            await turns(after);
            return answer;
          },
        });
        for (const { records, bytes, pause } of chunks) {
          partition.append(records, bytes);
          indexer.appended(partition.mirror, records, bytes);
          await turns(pause);
        }
        await partition.untilQuiet();
        const { records, bytes } = partition.left;
        assert.ok(records < BLOCK_RECORDS && bytes < BLOCK_BYTES, `${records} records of ${bytes} bytes are left`);
        assert.ok(partition.looks <= chunks.length * 2 + 1, `it looked ${partition.looks} times`);
      }),
    );
  });

  it('looks again after as many appends where a block could not be made', async () => {
    const partition = new Partition();
    const indexer = new Indexer({
      async next() {
        partition.looks++;
        return partition.makeBlock() ? 'made' : partition.left;
      },
    });
    const append = async (records: number) => {
      partition.append(records, records);
      indexer.appended(partition.mirror, records, records);
      await partition.untilQuiet();
    };
    partition.fail(1);
    await append(BLOCK_RECORDS);
    assert.equal(partition.looks, 1);
    await append(BLOCK_RECORDS - 1);
    assert.equal(partition.looks, 1);
    await append(1);
    assert.deepEqual(partition.left, { records: 0, bytes: 0 });
    await indexer.close();
  });
});
