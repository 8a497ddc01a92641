// What the packages promise to their users by name: the exports of their entry points. A change
// here is a change of the public interface.
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

/** The packages, whose source files are relative to the root. */
const packages = ['sdk', '.', 'create'].map(folder => {
  const { name, version, exports } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
  const entryPoints = Object.entries<string | Record<string, string>>(exports).map(([path, entryPoint]) => {
    const source = typeof entryPoint === 'string' ? undefined : entryPoint['tenfold-source'];
    return { path, source: source === undefined ? undefined : join(folder, source) };
  });
  return { name, version, entryPoints };
});

describe('public exports', () => {
  it('are those of three packages of one version', () => {
    assert.deepEqual(
      packages.map(({ version }) => version),
      packages.map(() => packages[0]?.version),
    );
  });

  it('are those of the snapshot (UPDATE_SNAPSHOT=1 writes it)', () => {
    const lines = packages.flatMap(({ name, entryPoints }) =>
      entryPoints.flatMap(({ path, source }) => [
        `${name}${path.slice(1)}`,
        ...(source ? exportsOf(source).map(exported => `  ${exported}`) : []),
      ]),
    );
    const text = `${lines.join('\n')}\n`;
    if (process.env['UPDATE_SNAPSHOT']) writeFileSync(SNAPSHOT, text);
    assert.equal(text, readFileSync(SNAPSHOT, 'utf8'));
  });

  it('exist: every name that is no type has a value', async () => {
    for (const { source } of packages.flatMap(({ entryPoints }) => entryPoints)) {
      if (source === undefined) continue;
      const loaded = await import(join(root, source));
      const values = exportsOf(source).filter(name => !name.startsWith('type '));
      assert.deepEqual(values, Object.keys(loaded).sort());
    }
  });
});
