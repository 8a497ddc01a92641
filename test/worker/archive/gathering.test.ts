// When the files of an archive are closed.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Gathering, MAX_FOLDERS } from '../../../worker/archive/gathering.ts';
import { folderOf, folderOfRow, valueFolderOf } from '../../../worker/archive/layout.ts';
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

  it('ends before there are too many folders of values', () => {
    const gathering = begun();
    const of = (value: number) => rowOf(10 + value, { folders: `user=${value}` });
    for (let value = 0; value < MAX_FOLDERS; value++) gathering.add([of(value)]);
    assert.ok(!gathering.endsBefore(100, [of(3)]));
    assert.ok(gathering.endsBefore(100, [of(MAX_FOLDERS)]));
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

  it('has the further ones below it', () => {
    assert.equal(folderOfRow(rowOf(0, { folders: 'country=DE' }), 'day'), 'date=2026-11-25/country=DE');
    assert.equal(folderOfRow(rowOf(0), 'day'), 'date=2026-11-25');
  });

  it('is one segment of a path whatever the value, and another for each', () =>
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 6 }), fc.string({ maxLength: 6 }), (one, other) => {
        const folder = valueFolderOf('v', one);
        assert.match(folder, /^v=[A-Za-z0-9_%-]+$/);
        assert.equal(folder === valueFolderOf('v', other), one.toWellFormed() === other);
        if (one !== '') assert.equal(decodeURIComponent(folder.slice(2)), one.toWellFormed());
      }),
    ));

  it('is the one of no value where there is none, and refuses one that no file system takes', () => {
    for (const value of [undefined, '']) assert.equal(valueFolderOf('v', value), 'v=__HIVE_DEFAULT_PARTITION__');
    assert.equal(valueFolderOf('v', '..'), 'v=%2E%2E');
    assert.throws(() => valueFolderOf('v', '/'.repeat(27)), { code: 'invalid-input' });
    assert.equal(valueFolderOf('v', '/'.repeat(26)).length, 80);
  });
});
