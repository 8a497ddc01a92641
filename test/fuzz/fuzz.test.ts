// Every parser of bytes from outside, given its corpus and mutations of it: what its target
// says holds for all of them.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describeFinding, readCorpus } from './corpus.ts';
import { fuzz } from './fuzz.ts';
import type { FuzzTarget } from './fuzz-target.ts';
import { targets } from './targets/index.ts';

const seed = Number(process.env['SEED'] ?? 1);

describe('Fuzzing', () => {
  for (const target of targets)
    it(`holds what it must of ${target.name}`, () => {
      const finding = fuzz(target, { corpus: readCorpus(target), seed, runs: target.runs });
      if (finding !== undefined) assert.fail(describeFinding(finding));
    });

  it('has a corpus for each target, and no other', () => {
    const folders = readdirSync(join(import.meta.dirname, 'corpus')).toSorted();
    assert.deepEqual(folders, targets.map(({ name }) => name).toSorted());
    for (const target of targets) assert.ok(readCorpus(target).length > 1, target.name);
  });
});

describe('The fuzzer', () => {
  const words = ['{', '}', '"', 'key'];
  const corpus = [Buffer.from('{"a":1}'), Buffer.from('[]')];
  const toy = (run: (text: string) => string): FuzzTarget => ({
    name: 'toy',
    words,
    runs: 0,
    run: input => run(input.toString('latin1')),
  });

  it('finds what depends on several steps, each of which shows in the outcome', () => {
    const steps = ['k', 'ke', 'key{', 'key{}'];
    const target = toy(text => {
      const reached = steps.filter(step => text.startsWith(step)).length;
      assert.notEqual(reached, steps.length);
      return String(reached);
    });
    const finding = fuzz(target, { corpus, seed: 1, runs: 200_000 });
    assert.ok(finding?.input.toString('latin1').startsWith('key{}'));
  });

  it('finds the same for the same seed', () => {
    const target = toy(text => {
      assert.ok(!text.includes('}}'));
      return '';
    });
    const [first, again] = [1, 2].map(() => fuzz(target, { corpus, seed: 7, runs: 10_000 }));
    assert.ok(first !== undefined);
    assert.deepEqual(again?.input, first.input);
  });

  it('finds an input that hangs', () => {
    const target = toy(text => {
      while (text.includes('""'));
      return '';
    });
    const finding = fuzz(target, { corpus, seed: 1, runs: 10_000, hangsAfterMs: 200 });
    assert.ok(finding?.input.includes('""'));
  });

  it('tries what was found before', () => {
    const target = toy(text => {
      assert.notEqual(text, '[]');
      return '';
    });
    assert.equal(fuzz(target, { corpus, seed: 1, runs: 0 })?.input.toString(), '[]');
  });
});
