// The page that says which fault is tested where: every fault is there, and so is what it names.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { faultKinds } from '../chaos/faults/all.ts';

const root = new URL('../../', import.meta.url);
const FAULTS = 40;

describe('test/chaos/FAULTS.md', () => {
  const rows = [...readFileSync(new URL('test/chaos/FAULTS.md', root), 'utf8').matchAll(/^\| F(\d+) .* \| (.*) \|$/gm)];

  it('has every fault once', () => {
    assert.deepEqual(
      rows.map(([, number]) => Number(number)),
      Array.from({ length: FAULTS }, (_, index) => index + 1),
    );
  });

  it('names tests and kinds of faults that there are, and every kind', () => {
    const where = rows.map(([, , text = '']) => text).join();
    const paths = [...where.matchAll(/`(test\/[^`]*)`/g)].map(([, path = '']) => path);
    assert.deepEqual(
      paths.filter(path => !existsSync(new URL(path, root))),
      [],
    );
    const named = [...where.matchAll(/"([^"]*)"/g)].map(([, name]) => name);
    assert.deepEqual([...new Set(named)].sort(), faultKinds.map(({ name }) => name).sort());
  });
});
