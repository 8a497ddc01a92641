// Letters from their topic: those of a page in few reads, whatever lies between them, and whatever
// the log gives at once.
import assert from 'node:assert/strict';
import type { EventLog, LogRecord } from '../../../../drivers/event-log/event-log.ts';
import { encodeLetter, encodeMark } from '../../../../worker/dispatch/dead-letters/dead-letter-codec.ts';
import type { LetterPlace } from '../../../../worker/dispatch/dead-letters/letter-table.ts';
import { readLetter, readSummaries } from '../../../../worker/dispatch/dead-letters/read-letter.ts';
import { letterOf } from './letters.ts';

const placeAt = (letter: number, partition = 0): LetterPlace => ({
  ...{ partition, offset: letter + 1000, generation: 0, letter, at: 0, held: true },
  ...{ key: null, reason: 'exhausted', group: 0 },
});

/** `most`: records, and offsets without a record, that the log gives at once. */
function setUp(
  end: number,
  { gone = [], most = 1000, start = 0 }: { gone?: number[]; most?: number; start?: number } = {},
) {
  const reads: string[] = [];
  const recordAt = (partition: number, offset: number): LogRecord => {
    const mark = encodeMark('purged', partition, offset, 0);
    const letter = encodeLetter(letterOf(partition, offset + 1000));
    return { ...(offset % 2 === 1 ? mark : letter), offset, timestamp: 0 };
  };
  const log: Pick<EventLog, 'read'> = {
    async read(_, partition, from, { maxRecords, maxBytes }) {
      reads.push(`${partition}/${from}+${maxRecords}`);
      assert.ok(maxBytes === 1 || maxBytes === 4_194_304);
      const begin = Math.max(from, start);
      const next = Math.max(begin, Math.min(end, begin + Math.min(maxRecords, most)));
      const offsets = Array.from({ length: next - begin }, (__, index) => begin + index);
      const records = offsets.filter(offset => !gone.includes(offset)).map(offset => recordAt(partition, offset));
      return { records, next, bounds: { start, end } };
    },
  };
  const list = async (places: readonly LetterPlace[]) => {
    const found = await readSummaries(log as EventLog, 'g.dead', places);
    return found.map(({ id, letter, held }) => `${id}@${letter}${held ? ' held' : ''}`);
  };
  return { log: log as EventLog, list, reads };
}

const all = (...letters: number[]) => letters.map(letter => `0-${letter + 1000}@${letter} held`);

describe('letters of a page', () => {
  it('are read in one go where they are near, in the order that is asked for', async () => {
    const { list, reads } = setUp(100);
    const places = [placeAt(40), placeAt(10), placeAt(2), placeAt(48), placeAt(20)];
    assert.deepEqual(await list(places), all(40, 10, 2, 48, 20));
    assert.deepEqual(reads, ['0/2+9', '0/20+1', '0/40+9']);
  });

  it('are of several partitions', async () => {
    const { list } = setUp(100);
    assert.deepEqual(await list([placeAt(4), placeAt(4, 1)]), ['0-1004@4 held', '1-1004@4 held']);
  });

  for (const most of [1, 2, 3, 5])
    it(`are all found where the log gives ${most} at once, and nothing at some offsets`, async () => {
      const { list } = setUp(60, { most, gone: [1, 3, 5, 6, 7, 11, 12, 13] });
      const letters = [2, 4, 8, 10, 14, 30, 32, 58];
      assert.deepEqual(await list(letters.map(letter => placeAt(letter))), all(...letters));
    });

  it('are found behind offsets of which the log gives nothing', async () => {
    const { list, reads } = setUp(60, { most: 3, gone: [2, 3, 4] });
    assert.deepEqual(await list([placeAt(2), placeAt(4), placeAt(6), placeAt(8)]), all(6, 8));
    assert.deepEqual(reads, ['0/2+7', '0/6+3']);
  });

  it('are left out where they are gone, or no letters', async () => {
    const { list } = setUp(60, { gone: [6, 20], start: 4 });
    const places = [2, 4, 6, 7, 8, 20, 30].map(letter => placeAt(letter));
    assert.deepEqual(await list(places), all(4, 8, 30));
  });

  it('are found among others, also where the log gives more than was asked for', async () => {
    const other = (offset: number): LogRecord => ({
      offset,
      timestamp: 0,
      key: null,
      value: new Uint8Array(0),
      headers: {},
    });
    const { partition: _, ...letter } = encodeLetter(letterOf(0, 1004));
    const records = [other(2), { ...letter, offset: 4, timestamp: 0 }, other(9), other(30)];
    let reads = 0;
    const read = async () => ({ records: reads++ === 0 ? records : [], next: 31, bounds: { start: 0, end: 31 } });
    const log = { read } as unknown as EventLog;
    const found = await readSummaries(log, 'g.dead', [placeAt(2), placeAt(4), placeAt(20)]);
    assert.deepEqual([found.map(({ letter: at }) => at), reads], [[4], 1]);
  });

  it('are not asked for again behind the end of the log', async () => {
    const { list, reads } = setUp(5);
    assert.deepEqual(await list([placeAt(4), placeAt(8), placeAt(10), placeAt(40)]), all(4));
    assert.deepEqual(reads, ['0/4+7', '0/8+3', '0/40+1']);
    assert.deepEqual(await list([]), []);
  });
});

describe('one letter', () => {
  it('is read where it is, and is none where another record is, or nothing', async () => {
    const { log } = setUp(10, { start: 4, gone: [6, 7] });
    assert.equal((await readLetter(log, 'g.dead', 0, 4))?.offset, 1004);
    for (const at of [2, 5, 6, 10]) assert.equal(await readLetter(log, 'g.dead', 0, at), undefined, `${at}`);
  });

  it('of a later release is refused', async () => {
    const headers = { 'tenfold-dead': '{"v":2,"event":7}' };
    const record = { key: null, value: new Uint8Array(0), headers, offset: 3, timestamp: 0 };
    const log = { read: async () => ({ records: [record], next: 4, bounds: { start: 0, end: 4 } }) };
    await assert.rejects(readLetter(log as unknown as EventLog, 'g.dead', 0, 3), {
      code: 'later-release',
      message: /the dead letter at 0\/3 of g.dead/,
    });
    assert.deepEqual(await readSummaries(log as unknown as EventLog, 'g.dead', [placeAt(3)]), []);
  });
});
