// No page of docs/patterns is left untried.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../platform-process.ts';

describe('pages of docs/patterns', () => {
  it('each have a test here that runs their blocks', () => {
    const tests = readdirSync(import.meta.dirname).map(name => readFileSync(join(import.meta.dirname, name), 'utf8'));
    const pages = readdirSync(join(root, 'docs/patterns')).filter(name => name.endsWith('.md'));
    assert.deepEqual(
      pages.filter(page => !tests.some(text => text.includes(`  it('${page}: `))),
      [],
    );
  });
});
