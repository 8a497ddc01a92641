// What the package promises to its users by name: the exports of its entry points. A change here is
// a change of the public interface.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './source-files.ts';

const SNAPSHOT = join(root, 'test/architecture/exports.snapshot.txt');

/** Names that an entry point exports, types among them. */
function exportsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  const names: string[] = [];
  for (const [, kind = '', list = ''] of text.matchAll(/export (type )?\{([^}]*)\}/g)) {
    for (const part of list.split(',')) {
      const name = part.trim().replace(/^.* as /, '');
      if (name === '') continue;
      const isType = kind !== '' || name.startsWith('type ');
      names.push(`${isType ? 'type ' : ''}${name.replace(/^type /, '')}`);
    }
  }
  return names.sort();
}

describe('public exports', () => {
  it('are those of the snapshot (UPDATE_SNAPSHOT=1 writes it)', () => {
    const { exports: entryPoints } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const lines: string[] = [];
    for (const [path, entryPoint] of Object.entries<string | Record<string, string>>(entryPoints)) {
      const source = typeof entryPoint === 'string' ? undefined : entryPoint['tenfold-source'];
      lines.push(`tenfold${path.slice(1)}`, ...(source ? exportsOf(source).map(name => `  ${name}`) : []));
    }
    const text = `${lines.join('\n')}\n`;
    if (process.env['UPDATE_SNAPSHOT']) writeFileSync(SNAPSHOT, text);
    assert.equal(text, readFileSync(SNAPSHOT, 'utf8'));
  });

  it('exist: every name that is no type has a value', async () => {
    const { exports: entryPoints } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    for (const entryPoint of Object.values<string | Record<string, string>>(entryPoints)) {
      const source = typeof entryPoint === 'string' ? undefined : entryPoint['tenfold-source'];
      if (source === undefined) continue;
      const loaded = await import(join(root, source));
      const values = exportsOf(source).filter(name => !name.startsWith('type '));
      assert.deepEqual(values, Object.keys(loaded).sort());
    }
  });
});
