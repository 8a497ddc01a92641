// The Console as it is built: small, and without anything that its policy forbids.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type BuiltConsole, buildConsole } from '../../scripts/build-console.ts';
import { removeTempFolders, tempFolder } from '../cli/temp-folder.ts';

const KIB = 1024;

describe('the built Console', () => {
  let folder: string;
  let sizes: BuiltConsole;

  before(async () => {
    folder = join(tempFolder(), 'console');
    sizes = await buildConsole(folder);
  });
  after(removeTempFolders);

  it('shows its first view after at most 60 KiB, by gzip', () => {
    assert.ok(sizes.first > 5 * KIB && sizes.first <= 60 * KIB, `${sizes.first} bytes`);
    assert.ok(sizes.all <= 250 * KIB, `${sizes.all} bytes`);
  });

  it('loads what draws charts with a chart alone', () => {
    const scripts = readdirSync(join(folder, 'assets')).filter(name => name.endsWith('.js'));
    const text = (name: string) => readFileSync(join(folder, 'assets', name), 'utf8');
    const drawing = scripts.filter(name => text(name).includes('u-over'));
    assert.equal(drawing.length, 1, drawing.join());
    const named = scripts.filter(name => text(name).includes(`"./${drawing[0]}"`));
    assert.ok(named.length > 0);
    for (const name of named) assert.match(text(name), new RegExp(`import\\("./${drawing[0]}"\\)`));
  });

  it('has a page without inline script or style, and without an address of anywhere else', () => {
    const page = readFileSync(join(folder, 'index.html'), 'utf8');
    assert.match(page, /<script type="module" src="\/console\/assets\/console-[A-Z0-9]{8}\.js"><\/script>/);
    assert.match(page, /href="\/console\/assets\/style-[A-Z0-9]{8}\.css"/);
    assert.doesNotMatch(page, /<script(?![^>]* src=)|<style| style=| on[a-z]+=|https?:/);
  });

  it('has each file in a compressed form that is the same', () => {
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(name =>
      /\.(html|js|css|svg)$/.test(name),
    );
    assert.ok(files.length >= 4, files.join());
    for (const file of files) {
      const plain = readFileSync(join(folder, file));
      assert.deepEqual(gunzipSync(readFileSync(join(folder, `${file}.gz`))), plain);
    }
  });
});
