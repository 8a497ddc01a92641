// One module of a function and all that it imports: what goes into it, and what is
// said when it cannot be made.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { bundleFunction } from '../../../cli/source/bundle-function.ts';
import { loadText } from '../../../resources/load/load-text.ts';
import type { Resource } from '../../../resources/resource.ts';

describe('The bundle of a function', () => {
  const folders: string[] = [];
  afterEach(async () => {
    for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
  });

  async function functionOf(files: Readonly<Record<string, string>>): Promise<Resource<'Function'>> {
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'tenfold-bundle-')));
    folders.push(folder);
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    const manifest =
      'apiVersion: tenfold.dev/v1alpha1\nkind: Function\nmetadata: { name: fn }\nspec: { source: ./fn.ts }\n';
    const [resource] = loadText(join(folder, 'app.yaml'), manifest).resources;
    assert.ok(resource?.kind === 'Function');
    return resource;
  }
  const textOf = ({ bytes }: { bytes: Uint8Array }) => gunzipSync(bytes).toString('utf8');

  it('runs with packages of both kinds of modules, and with modules of Node that they require', async () => {
    const fn = await functionOf({
      'fn.ts': "import old from 'old';\nimport { fresh } from 'fresh';\nconsole.log(old(), fresh satisfies string);\n",
      'node_modules/old/package.json': '{"name":"old","main":"index.js"}',
      'node_modules/old/index.js':
        "const { sep } = require('node:path'); module.exports = () => require('path').sep === sep;",
      'node_modules/fresh/package.json': '{"name":"fresh","type":"module","exports":"./index.js"}',
      'node_modules/fresh/index.js': "export const fresh = 'new';",
    });
    const { bundle, problems, files } = await bundleFunction(fn);
    assert.deepEqual(problems, []);
    assert.ok(bundle);
    assert.ok(files.some(file => file.endsWith('/fn.ts')));
    const file = join(dirname(fn.origin.file), 'out.mjs');
    await writeFile(file, textOf(bundle));
    assert.equal(execFileSync(process.execPath, [file], { encoding: 'utf8' }), 'true new\n');
  });

  it('leaves the SDK to the runtime, and is called the same wherever it is made', async () => {
    const files = { 'fn.ts': "import { http } from 'tenfold';\nexport default http(() => 'x');\n" };
    const [one, other] = [await bundleFunction(await functionOf(files)), await bundleFunction(await functionOf(files))];
    assert.ok(one.bundle && other.bundle);
    assert.match(textOf(one.bundle), /from "tenfold"/);
    assert.equal(one.bundle.hash, other.bundle.hash);
    assert.deepEqual(one.bundle.bytes, other.bundle.bytes);
  });

  it('comes without the sources in its source map where they have no room, and not at all where it has none itself', async () => {
    const noise = randomBytes(30_000).toString('base64');
    const fn = await functionOf({ 'fn.ts': `export default () => ${JSON.stringify(noise)};\n` });
    const whole = (await bundleFunction(fn)).bundle;
    assert.ok(whole && whole.bytes.length > 55_000);
    const lean = (await bundleFunction(fn, 55_000)).bundle;
    assert.ok(lean && lean.bytes.length < 55_000);
    const { bundle, problems } = await bundleFunction(fn, 10_000);
    assert.equal(bundle, undefined);
    assert.match(problems[0]?.message ?? '', /has \d+ kB compressed.* room for 10\. .*tenfold build --function fn/);
    assert.equal(problems[0]?.path, 'spec.source');
  });

  for (const [what, files, place, message] of [
    ['a package that is not installed', { 'fn.ts': "\nimport 'missing';\n" }, 'fn.ts:2:8', /missing/],
    ['a syntax error', { 'fn.ts': "import './part.ts';\n", 'part.ts': 'let x: = 1;\n' }, 'part.ts:1:8', /Unexpected/],
    ['native code', { 'fn.ts': "import './a.node';\n", 'a.node': '\u007fELF' }, 'fn.ts:1:8', /image of their own/],
  ] as const) {
    it(`is not made for ${what}, which is said with its place`, async () => {
      const fn = await functionOf(files);
      const { bundle, problems, files: watched } = await bundleFunction(fn);
      assert.equal(bundle, undefined);
      const [first] = problems;
      assert.equal(`${first?.file.split('/').at(-1)}:${first?.line}:${first?.column}`, place);
      assert.match(first?.message ?? '', message);
      assert.ok(watched.some(file => file.endsWith(place.split(':')[0] ?? '')));
    });
  }
});
