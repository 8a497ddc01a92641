// When the files of an archive are closed.
import assert from 'node:assert/strict';
import { Gathering, MAX_FOLDERS } from '../../../worker/archive/gathering.ts';
import { folderOf } from '../../../worker/archive/layout.ts';
import { DAY, rowOf } from './make.ts';

const DAY_MS = 86_400_000;
const roll = { size: 1_000, every: 60_000 };
const begun = (changes: { limit?: number; ageMs?: number } = {}) =>
  new Gathering({ from: 10, limit: undefined, ageMs: 0, partitionBy: 'day', now: DAY, ...changes });

describe('what gathers for the files of an archive', () => {
  it('is large once its events have the size', () => {
    const gathering = begun();
    gathering.add([rowOf(10, { data: 'x'.repeat(500) })]);
    assert.ok(!gathering.isLarge(roll));
    gathering.add([rowOf(11, { data: 'x'.repeat(500) })]);
    assert.ok(gathering.isLarge(roll));
  });

  it('is due after its time', () => {
    const gathering = begun();
    assert.ok(!gathering.isDue(roll, 11, DAY + 59_999, false));
    assert.ok(gathering.isDue(roll, 11, DAY + 60_000, false));
  });

  it('does not wait once more for old events, after a restart, when all was read', () => {
    const gathering = begun({ ageMs: 60_000 });
    assert.ok(gathering.isDue(roll, 11, DAY, true));
    assert.ok(!gathering.isDue(roll, 11, DAY, false), 'a backlog makes large files');
  });

  it('ends where it was decided, not before and not behind', () => {
    const gathering = begun({ limit: 20 });
    gathering.add([rowOf(10, { data: 'x'.repeat(5_000) })]);
    assert.ok(!gathering.isLarge(roll));
    assert.ok(!gathering.isDue(roll, 19, DAY + DAY_MS, true));
    assert.ok(gathering.isDue(roll, 20, DAY, false));
    assert.ok(!gathering.endsBefore(19, []));
    assert.ok(gathering.endsBefore(20, []));
  });

  it('ends before there are too many folders', () => {
    const gathering = begun();
    const late = (days: number) => rowOf(10 + days, { time: DAY - days * DAY_MS });
    for (let days = 0; days < MAX_FOLDERS; days++) gathering.add([late(days)]);
    assert.ok(!gathering.endsBefore(100, [late(3)]));
    assert.ok(gathering.endsBefore(100, [late(MAX_FOLDERS)]));
    assert.equal(gathering.folders.length, MAX_FOLDERS);
  });
});

describe('the folder of an event', () => {
  it('is that of its day, or of its hour, in UTC', () => {
    const time = DAY + 7 * 3_600_000 + 1;
    assert.equal(folderOf(time, 'day'), 'date=2026-11-25');
    assert.equal(folderOf(time, 'hour'), 'date=2026-11-25/hour=07');
  });
});
