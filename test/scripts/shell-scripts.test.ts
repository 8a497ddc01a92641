// What shellcheck says of all shell scripts: nothing. Some of them cannot be
// run where this is tested.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const cwd = fileURLToPath(new URL('../../', import.meta.url));
const scripts = execFileSync('git', ['grep', '-lE', '^#!(/usr/bin/env |/bin/)(ba)?sh$'], { cwd, encoding: 'utf8' })
  .split('\n')
  .filter(name => name !== '' && !name.endsWith('.ts'));
const has = spawnSync('shellcheck', ['--version']).status === 0;

// In CI it has to be there; elsewhere `make install-services` brings it.
if (has || process.env['CI'])
  describe('shell scripts', () => {
    for (const script of scripts) {
      it(`${script} passes shellcheck`, () => {
        const { status, stdout, error } = spawnSync('shellcheck', ['--format=gcc', '--severity=warning', script], {
          cwd,
          encoding: 'utf8',
        });
        assert.equal(status, 0, error?.message ?? stdout);
      });
    }

    it('are all there', () => {
      for (const script of ['k8s/kind/up', 'k8s/kind/down', 'test/cluster/chart/install-helm', 'test/services/install'])
        assert.ok(scripts.includes(script), script);
    });
  });
