// `npm run demo`: every sample application, driven over HTTP.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { root } from './platform-process.ts';

describe('npm run demo', () => {
  it('drives each sample and finds all as it should be', () => {
    const { stdout, stderr, status } = spawnSync('npm', ['run', '--silent', 'demo'], { cwd: root, encoding: 'utf8' });
    assert.equal(status, 0, stdout + stderr);
    const samples = stdout.match(/^\S.*\(pattern .*\)$/gm) ?? [];
    assert.ok(samples.length > 0);
    assert.equal(stdout.match(/all as it should be/g)?.length, samples.length);
  });
});
