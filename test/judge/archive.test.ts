// The judge of archives finds each way in which an archive can be wrong, and
// nothing where it is right.
import assert from 'node:assert/strict';
import { judgeArchive, type SeenArchive } from './archive.ts';

const files = (each: Readonly<Record<string, readonly string[]>>): SeenArchive['files'] =>
  new Map(Object.entries(each).map(([name, ids]) => [name, ids.map(id => ({ id }))]));

const right = {
  files: files({ f1: ['e1', 'e2'], f2: ['e3'] }),
  noted: new Set(['f1', 'f2']),
  expected: ['e1', 'e2', 'e3'],
} satisfies SeenArchive;

const judged = (changed: Partial<SeenArchive>) => judgeArchive({ ...right, ...changed });

describe('the judge of archives', () => {
  it('has nothing to say of what is right', () => {
    assert.deepEqual(judged({}), []);
    assert.deepEqual(judgeArchive({ files: right.files, expected: right.expected }), []);
  });

  it('finds an event that is missing, and one that nobody published', () => {
    assert.deepEqual(judged({ expected: ['e1', 'e2', 'e3', 'e4'] }), ['the archive has e4 1 times too few ()']);
    assert.deepEqual(judged({ expected: ['e1', 'e2'] }), ['the archive has e3 1 times too often (in f2)']);
  });

  it('finds an event that is there twice, in one file or in two', () => {
    assert.deepEqual(judged({ files: files({ f1: ['e1', 'e2', 'e2'], f2: ['e3'] }) }), [
      'the archive has e2 1 times too often (in f1, in f1)',
    ]);
    assert.deepEqual(judged({ files: files({ f1: ['e1', 'e2'], f2: ['e3', 'e2'] }) }), [
      'the archive has e2 1 times too often (in f1, in f2)',
    ]);
  });

  it('wants an event as often as it is in the topic', () => {
    const expected = ['e1', 'e2', 'e3', 'e3'];
    assert.deepEqual(judged({ expected }), ['the archive has e3 1 times too few (in f2)']);
    assert.deepEqual(judged({ expected, files: files({ f1: ['e1', 'e2', 'e3'], f2: ['e3'] }) }), []);
  });

  it('finds a file that is noted and gone, with its events', () => {
    assert.deepEqual(judged({ files: files({ f1: ['e1', 'e2'] }) }), [
      'f2 is noted and not there',
      'the archive has e3 1 times too few ()',
    ]);
  });

  it('finds a file that nobody knows, and counts nothing of it', () => {
    const some = files({ f1: ['e1', 'e2'], f2: ['e3'], f3: ['e3'] });
    assert.deepEqual(judged({ files: some }), ['f3 is there and not noted']);
    assert.deepEqual(judged({ files: some, orphans: true }), []);
    assert.deepEqual(judged({ files: some, orphans: true, noted: new Set(['f1', 'f3']) }), []);
    assert.deepEqual(judged({ files: some, orphans: true, noted: new Set(['f1']) }), [
      'the archive has e3 1 times too few ()',
    ]);
  });

  it('lets what was not acknowledged be there once, or not at all', () => {
    const mayHave = (id: string) => id === 'e3';
    const expected = ['e1', 'e2'];
    assert.deepEqual(judged({ expected, mayHave }), []);
    assert.deepEqual(judged({ expected, mayHave, files: files({ f1: ['e1', 'e2'], f2: [] }) }), []);
    assert.deepEqual(judged({ expected, mayHave, files: files({ f1: ['e1', 'e2'], f2: ['e3', 'e3'] }) }), [
      'the archive has e3 1 times too often (in f2, in f2)',
    ]);
  });
});
