// How keys are called in buckets: whatever they are, they come back, in order, and no object stands
// where others need a folder.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createObjectNames } from '../../../../drivers/blob-store/s3/object-names.ts';
import { rejectsWith } from '../../../contract/blob-store/subject.ts';

const part = fc
  .oneof(
    fc.string({ minLength: 1, maxLength: 6, unit: fc.constantFrom('a', 'b', ' ', '!', '0', '1', '2', '-', '.', '~') }),
    fc.string({ minLength: 1, maxLength: 120, unit: fc.constantFrom('é', 'x', '🙂') }),
  )
  .filter(text => text !== '.' && text !== '..');
const key = fc.array(part, { minLength: 1, maxLength: 4 }).map(parts => parts.join('/'));
const compare = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

describe('names of objects in S3', () => {
  const { ofKey, ofPrefix, ofText, toKey } = createObjectNames('p/', 'escaped');
  const fitting = key.filter(text => Buffer.byteLength(text) < 900);

  it('lead back to their keys', () => {
    fc.assert(fc.property(fitting, text => assert.equal(toKey(ofKey(text)), text)));
    for (const text of ['!10', '! !', 'a/b', ' ', `${'x'.repeat(199)}!/y`, 'x'.repeat(450)])
      assert.equal(toKey(ofKey(text)), text);
  });

  it('sort as their keys, and begin as they do', () => {
    fc.assert(
      fc.property(fitting, fitting, fc.nat(40), (a, b, length) => {
        assert.equal(Math.sign(compare(ofKey(a), ofKey(b))), Math.sign(compare(a, b)));
        assert.equal(Math.sign(compare(ofText(a), ofKey(b))), Math.sign(compare(a, b)));
        const beginning = [...a].slice(0, length).join('');
        assert.equal(ofKey(b).startsWith(ofPrefix(beginning)), b.startsWith(beginning));
      }),
      { numRuns: 1000 },
    );
  });

  it('can be files and folders', () => {
    fc.assert(
      fc.property(fitting, fitting, (a, b) => {
        assert.ok(!ofKey(a).startsWith(`${ofKey(b)}/`));
        for (const name of ofKey(a).split('/')) assert.ok(Buffer.byteLength(name) <= 255 && name !== '', name);
      }),
    );
  });

  it('are the keys where the server can keep them', () => {
    const plain = createObjectNames('p/', 'plain');
    assert.equal(plain.ofKey('a b/c!.parquet'), 'p/data/a b/c!.parquet');
    assert.equal(plain.toKey('p/data/a b/c!.parquet'), 'a b/c!.parquet');
    assert.equal(plain.toKey('p/journal/1'), undefined);
  });

  it('of others that no key of ours has lead nowhere', () => {
    const plain = createObjectNames('p/', 'plain');
    for (const text of ['', 'a/', 'a//b', '../b', 'a/./b', 'a\u0000', 'a\n', 'x'.repeat(1025)])
      assert.equal(plain.toKey(`p/data/${text}`), undefined, text);
    // None that is written in another way than ours.
    for (const text of ['a', 'a b!', '!!', 'a!2/!2b!', `${'x'.repeat(210)}!`, 'a/!'])
      assert.equal(toKey(`p/data/${text}`), undefined, text);
  });

  it('are refused when they would be too long', async () => {
    await rejectsWith('invalid-input', (async () => ofKey(`${'x'.repeat(199)}/`.repeat(5) + 'x'.repeat(20)))());
  });
});
