// No statement has a parameter alone as its LIMIT. SQLite plans by the value of such a one, so it
// compiles the statement anew at each run, which takes longer than to run it. `LIMIT ? + 0` is no
// such one.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';

const drivers = new URL('../../../drivers/', import.meta.url);

describe('statements of SQLite', () => {
  it('say LIMIT ? + 0, so that they are compiled once', () => {
    const files = readdirSync(drivers, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts'));
    const found = files.flatMap(file => {
      const limits = readFileSync(new URL(file, drivers), 'utf8').match(/LIMIT \?\d*.{0,4}/g) ?? [];
      return limits.map(text => `drivers/${file}: ${text}`);
    });
    assert.ok(found.length > 20, 'limits are found');
    assert.deepEqual(
      found.filter(text => !/LIMIT \?\d* \+ 0/.test(text)),
      [],
    );
  });
});
