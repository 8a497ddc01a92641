// One name, one thing: within a room an exported name is defined once, so that a reader who
// meets it knows what it is.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { root, SHIPPED_FOLDERS, sourceFiles } from './source-files.ts';

const EXPORTED = /^export (?:async )?(?:function\*?|const|class|interface|type) (\w+)/gm;

/** A room is a top folder; each sample application is one of its own. */
function roomOf(path: string): string {
  const [top = '', second = ''] = path.split(sep);
  return top === 'functions' ? `${top}/${second}` : top;
}

describe('exported names', () => {
  it('are defined once within a room', () => {
    const places = new Map<string, string[]>();
    for (const path of [...SHIPPED_FOLDERS, 'functions', 'scripts', 'bench'].flatMap(sourceFiles)) {
      const names = [...readFileSync(join(root, path), 'utf8').matchAll(EXPORTED)].map(([, name = '']) => name);
      for (const name of new Set(names)) {
        const key = `${roomOf(path)}: ${name}`;
        places.set(key, [...(places.get(key) ?? []), path]);
      }
    }
    assert.ok(places.size > 3000, 'exports are found');
    const twice = [...places].filter(([, paths]) => paths.length > 1);
    assert.deepEqual(
      twice.map(([key, paths]) => `${key} in ${paths.join(', ')}`),
      [],
    );
  });
});
