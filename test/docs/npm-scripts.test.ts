// Whatever README.md has `make` do, npm does as well.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

describe('the commands of README.md', () => {
  const scripts: Record<string, string> = JSON.parse(read('package.json')).scripts;
  const targets = new Set([...read('README.md').matchAll(/(?:`|^)make ([a-z-]+)/gm)].map(([, target = '']) => target));

  for (const target of targets)
    it(`make ${target} is an npm script`, () => assert.ok(Object.values(scripts).includes(`make ${target}`), target));

  it('name npm scripts that there are', () => {
    const named = [...read('README.md').matchAll(/`npm run ([a-z-]+)/g)].map(([, script = '']) => script);
    assert.ok(named.length >= 2 && targets.size >= 5);
    for (const script of named) assert.ok(script in scripts, script);
  });
});
