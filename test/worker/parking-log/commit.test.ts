// Commits: what they tell comes back, they never tell more than is done, and they fit.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Commit, composeCommit, parseCommit } from '../../../worker/parking-log/commit.ts';
import { committedOffsetsOf } from '../../../worker/parking-log/committed-offsets.ts';
import { PARKING_LOG_START } from '../../../worker/parking-log/fold-parking-log.ts';
import { mergeDone } from '../../../worker/parking-log/gather-commit.ts';
import { fromVarints, toVarints } from '../../../worker/parking-log/varints.ts';

const commits = fc
  .record({
    start: fc.nat(2 ** 31 - 1),
    gaps: fc.array(fc.integer({ min: 1, max: 5000 }), { maxLength: 400 }),
    beyond: fc.nat(1000),
    parkingLog: fc.record(
      { offset: fc.nat(1e9), claim: fc.integer({ min: -1, max: 1e9 }), seq: fc.nat(1e6) },
      { noNullPrototype: true },
    ),
    by: fc.integer({ min: -1, max: 1e9 }),
  })
  .map(({ start, gaps, beyond, parkingLog, by }): Commit => {
    const holes: number[] = [];
    for (const gap of gaps) holes.push((holes.at(-1) ?? start - 1) + gap);
    return { position: holes[0] ?? start, top: (holes.at(-1) ?? start) + 1 + beyond, holes, parkingLog, by };
  });

/** All possible sets of what is done below 30, as commits. */
const sets = fc
  .record({ position: fc.nat(10), open: fc.array(fc.boolean(), { maxLength: 20 }) })
  .map(({ position, open }): Commit => {
    const holes = open.flatMap((isOpen, index) => (isOpen ? [position + index] : []));
    return { position, top: position + open.length, holes, parkingLog: PARKING_LOG_START, by: 0 };
  });

function doneIn(commit: Commit, from: number, to: number): number[] {
  const told = committedOffsetsOf(commit);
  const done: number[] = [];
  for (let offset = from; offset < to; offset++) if (told.isDone(offset)) done.push(offset);
  return done;
}

describe('commits', () => {
  it('are read as they were written, and fit', () => {
    fc.assert(
      fc.property(commits, commit => {
        const { position, told } = composeCommit(commit);
        assert.ok(Buffer.byteLength(position.metadata) <= 4096);
        if (told === commit.holes.length) assert.deepEqual(parseCommit(position), commit);
      }),
    );
  });

  it('tell less where not all fits, never more than is done', () => {
    fc.assert(
      fc.property(commits, fc.integer({ min: 100, max: 300 }), (commit, most) => {
        const { position, told } = composeCommit(commit, most);
        assert.ok(position.metadata.length <= most);
        const read = parseCommit(position);
        assert.deepEqual(read.holes, commit.holes.slice(0, told));
        const end = Math.min(commit.top + 5, commit.position + 3000);
        const really = new Set(doneIn(commit, commit.position, end));
        assert.ok(doneIn(read, commit.position, end).every(offset => really.has(offset)));
        assert.deepEqual(
          { parkingLog: read.parkingLog, by: read.by },
          { parkingLog: commit.parkingLog, by: commit.by },
        );
      }),
    );
  });

  it('together say that is done what either of them says', () => {
    fc.assert(
      fc.property(sets, sets, (one, other) => {
        const either = new Set([...doneIn(one, 0, 40), ...doneIn(other, 0, 40)]);
        assert.deepEqual(
          doneIn(mergeDone(one, other), 0, 40),
          [...either].sort((a, b) => a - b),
        );
      }),
    );
  });

  const foreign = [
    '',
    'x',
    'v1 by=1 parked=1 claim=1 seq=1 top=9 holes=~AAAA',
    'v1 by=1 parked=1 claim=1 seq=1 top=9 holes=gICA',
  ];
  for (const metadata of foreign) {
    it(`that are not ours are positions and no more: "${metadata}"`, () => {
      assert.deepEqual(parseCommit({ offset: 5, metadata }), {
        position: 5,
        top: 5,
        holes: [],
        parkingLog: PARKING_LOG_START,
        by: -1,
      });
    });
  }

  it('of a later release are refused: what they say is done would be done again', () => {
    const metadata = 'v2 by=12 parked=40 claim=12 seq=7 top=15 holes=AAI';
    assert.throws(() => parseCommit({ offset: 5, metadata }), {
      code: 'later-release',
      message: /commit at offset 5 has version 2, of a later release/,
    });
  });

  it('can be read by people', () => {
    const commit: Commit = {
      position: 10,
      top: 15,
      holes: [10, 12],
      parkingLog: { offset: 40, claim: 12, seq: 7 },
      by: 12,
    };
    const metadata = 'v1 by=12 parked=40 claim=12 seq=7 top=15 holes=AAI';
    assert.deepEqual(composeCommit(commit).position, { offset: 10, metadata });
  });
});

describe('commits that hold much', () => {
  const withHoles = (count: number): Commit => ({
    position: 100,
    top: 100 + count,
    holes: Array.from({ length: count }, (_, index) => 100 + index),
    parkingLog: PARKING_LOG_START,
    by: 3,
  });

  it('are deflated where that is shorter, and not where they are small', () => {
    const isDeflated = (count: number) => composeCommit(withHoles(count)).position.metadata.includes('holes=~');
    assert.deepEqual([64, 65, 3000].map(isDeflated), [false, true, true]);
    assert.equal(composeCommit(withHoles(3000)).told, 3000, 'it fits so');
    const apart = { ...withHoles(0), holes: Array.from({ length: 65 }, (_, index) => 100 + index ** 2 * 7), top: 1e6 };
    assert.ok(!composeCommit(apart).position.metadata.includes('~'), 'no byte comes twice in a row');
  });

  it('may not be there at all: nothing was done', () => {
    assert.deepEqual(parseCommit(undefined), { position: 0, top: 0, holes: [], parkingLog: PARKING_LOG_START, by: -1 });
  });
});

describe('varints', () => {
  it('take one byte up to 127, and one more for each seven bits', () => {
    assert.deepEqual([...toVarints([127], 0)], [0x7f]);
    assert.deepEqual([...toVarints([128], 0)], [0x80, 1]);
    assert.deepEqual([...toVarints([5, 5, 16_388], 5)], [0, 0, 0xff, 0x7f]);
  });

  it('give back ascending numbers up to 2^53', () => {
    fc.assert(
      fc.property(fc.array(fc.maxSafeNat()), numbers => {
        const sorted = [...numbers].sort((a, b) => a - b);
        const from = sorted[0] ?? 0;
        assert.deepEqual(fromVarints(toVarints(sorted, from), from), sorted);
      }),
    );
  });

  it('refuse bytes that end within a number or go too far', () => {
    assert.equal(fromVarints(Uint8Array.of(0x80), 0), undefined);
    assert.equal(fromVarints(new Uint8Array(12).fill(0xff), 0), undefined);
  });
});
