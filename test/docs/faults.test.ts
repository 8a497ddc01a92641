// The page that says which fault is tested where: every fault is there, and so is what it names.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { faultKinds } from '../chaos/faults/all.ts';

const root = new URL('../../', import.meta.url);
const FAULTS = 40;

/** Test files that a path of the page stands for: itself, or all of a folder. */
function testFilesOf(path: string): string[] {
  const url = new URL(path, root);
  if (!existsSync(url)) return [];
  if (!statSync(url).isDirectory()) return path.endsWith('.test.ts') ? [path] : [];
  const all = readdirSync(url, { recursive: true, encoding: 'utf8' });
  return all.filter(file => file.endsWith('.test.ts')).map(file => `${path}/${file}`);
}

/** Whether it defines at least one test, by whatever mocha calls it. */
const hasTest = (path: string): boolean => /^\s+it\(/m.test(readFileSync(new URL(path, root), 'utf8'));

describe('test/chaos/FAULTS.md', () => {
  const page = readFileSync(new URL('test/chaos/FAULTS.md', root), 'utf8');
  const lines = page.split('\n').filter(line => line.startsWith('| F'));
  const rows = lines.map(line => {
    const [, number = '', what = '', where = ''] = /^\| F(\d+) (\S.*) \| (\S.*) \|$/.exec(line) ?? [];
    return {
      line,
      number: Number(number),
      what,
      paths: [...where.matchAll(/`(test\/[^`]*)`/g)].map(([, path = '']) => path),
      kinds: [...where.matchAll(/"([^"]*)"/g)].map(([, kind = '']) => kind),
    };
  });

  it('has every fault once, in order', () => {
    assert.deepEqual(
      rows.map(({ number }) => number),
      Array.from({ length: FAULTS }, (_, index) => index + 1),
    );
  });

  it('names for each of them at least one test or kind of fault', () => {
    assert.deepEqual(
      rows.filter(({ paths, kinds }) => paths.length + kinds.length === 0).map(({ line }) => line),
      [],
    );
  });

  it('names files with tests in them', () => {
    const paths = rows.flatMap(row => row.paths);
    assert.deepEqual(
      paths.filter(path => !testFilesOf(path).some(hasTest)),
      [],
    );
  });

  it('names kinds of faults that there are, and every kind', () => {
    const kinds = faultKinds.map(({ name }) => name);
    for (const row of rows)
      assert.deepEqual(
        row.kinds.filter(kind => !kinds.includes(kind)),
        [],
        row.line,
      );
    const named = new Set(rows.flatMap(row => row.kinds));
    assert.deepEqual([...named].sort(), [...kinds].sort());
  });
});
