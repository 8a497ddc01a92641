// Nothing is exported that no other file imports: what one file alone needs is its own,
// and what none needs goes.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { FOLDERS, root, sourceFiles } from './source-files.ts';

const EXPORTED = /^export (?:async )?(?:function\*?|const|class|interface|type) (\w+)/gm;
const IMPORTED =
  /\b(?:import|export)\s+(?:type\s+)?(\{[^}]*\}|\*(?: as \w+)?)\s+from\s+'(\.[^']+)'|\bimport\(\s*'(\.[^']+)'/g;

const files = new Map(FOLDERS.flatMap(sourceFiles).map(path => [path, readFileSync(join(root, path), 'utf8')]));

/** Names by the file that they are taken from; undefined where all of them may be. */
function importedNames(): Map<string, Set<string> | undefined> {
  const names = new Map<string, Set<string> | undefined>();
  for (const [path, text] of files) {
    for (const [, list = '*', from, loaded] of text.matchAll(IMPORTED)) {
      const target = normalize(join(dirname(path), from ?? loaded ?? ''));
      const known = names.has(target) ? names.get(target) : new Set<string>();
      names.set(target, list.startsWith('*') ? undefined : known);
      for (const part of list.slice(1, -1).split(','))
        known?.add(
          part
            .trim()
            .replace(/^type /, '')
            .replace(/ as .*$/, ''),
        );
    }
  }
  return names;
}

describe('exports', () => {
  it('are imported by some file, or are the type of something that the file itself uses', () => {
    const imported = importedNames();
    const dead = [...files].flatMap(([path, text]) => {
      if (imported.has(path) && imported.get(path) === undefined) return [];
      return [...text.matchAll(EXPORTED)].flatMap(([line, name = '']) => {
        const isType = /^export (interface|type) /.test(line);
        const isUsedHere = isType && (text.match(new RegExp(`\\b${name}\\b`, 'g'))?.length ?? 0) > 1;
        return isUsedHere || imported.get(path)?.has(name) ? [] : [`${path}: ${name}`];
      });
    });
    assert.deepEqual(dead, []);
  });
});
