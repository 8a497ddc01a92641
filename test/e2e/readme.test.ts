// What the README shows works as it stands there.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, startPlatformProcess } from './platform-process.ts';

const readme = readFileSync(join(root, 'README.md'), 'utf8');
const blocks = [...readme.matchAll(/```(\w+)\n([\s\S]*?)```/g)].map(([, language = '', text = '']) => ({
  language,
  text,
}));

describe('README', () => {
  it('has curl lines that work against the coffee shop', async () => {
    const curls = blocks.flatMap(({ text }) => text.split('\n').filter(line => line.startsWith('curl ')));
    assert.ok(curls.length >= 2);
    const platform = await startPlatformProcess(['dev', 'functions/coffee-shop']);
    try {
      for (const line of curls) {
        const { stdout, status } = spawnSync('bash', ['-c', line.replace('http://127.0.0.1:8080', platform.address)], {
          encoding: 'utf8',
        });
        assert.equal(status, 0, line);
        assert.doesNotMatch(stdout, /"status":/, line);
        assert.notDeepEqual(JSON.parse(stdout), {}, line);
      }
    } finally {
      assert.equal(await platform.stop(), 0);
    }
  });

  it('has a first function and a first Api that serve', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tenfold-readme-'));
    for (const { language, text } of blocks) {
      const name = /^(?:\/\/|#) (\S+\.(?:ts|yaml))\n/.exec(text)?.[1];
      if (name !== undefined && ['ts', 'yaml'].includes(language)) writeFileSync(join(folder, name), text);
    }
    const platform = await startPlatformProcess(['serve', folder]);
    try {
      const answer = await fetch(`${platform.address}/v1/hello/Ada`);
      assert.deepEqual(await answer.json(), { hello: 'Ada' });
      const nobody = await fetch(`${platform.address}/v1/hello/nobody`);
      assert.equal(nobody.status, 404);
      assert.partialDeepStrictEqual(await nobody.json(), { detail: 'Nobody is here.' });
    } finally {
      assert.equal(await platform.stop(), 0);
      rmSync(folder, { recursive: true });
    }
  });

  it('names make targets and npm scripts that exist', () => {
    const makefile = readFileSync(join(root, 'Makefile'), 'utf8');
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    for (const [, target] of readme.matchAll(/`?make ([a-z-]+)/g))
      assert.match(makefile, new RegExp(`^${target}:`, 'm'));
    for (const [, script = ''] of readme.matchAll(/npm run ([a-z-]+)/g)) assert.ok(script in scripts, script);
  });
});
