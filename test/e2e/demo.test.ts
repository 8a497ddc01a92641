// `npm run demo`: every sample application, driven over HTTP.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './platform-process.ts';

describe('npm run demo', () => {
  it('drives each sample, every pattern of the README among them, and finds all as it should be', () => {
    const { stdout, stderr, status } = spawnSync('npm', ['run', '--silent', 'demo'], { cwd: root, encoding: 'utf8' });
    assert.equal(status, 0, stdout + stderr);
    const samples = stdout.match(/^\S.*\(pattern .*\)$/gm) ?? [];
    const patterns = new Set(samples.flatMap(line => line.match(/\d+/g) ?? []));
    const readme = readFileSync(join(root, 'README.md'), 'utf8');
    const named = [...readme.matchAll(/^\| (\d+) +\| \[[^|]+\| `[A-Z]/gm)].map(([, number]) => number);
    assert.equal(named.length, 10);
    assert.deepEqual(
      named.filter(number => number !== undefined && !patterns.has(number)),
      [],
      'every pattern is walked',
    );
    assert.equal(stdout.match(/all as it should be/g)?.length, samples.length);
  });
});
