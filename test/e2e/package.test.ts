// The package as it ships: packed, installed into an empty folder, used as the first page
// of the documentation says.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { root, startPlatformProcess } from './platform-process.ts';

function run(program: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });
  assert.equal(status, 0, `${program} ${args.join(' ')}\n${stdout}\n${stderr}`);
  return stdout;
}

describe('the packed package', () => {
  let folder: string;
  let tarball: string;
  const app = () => join(folder, 'shop');
  const tenfold = () => [process.execPath, join(app(), 'node_modules/tenfold/dist/cli/main.js')];

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'tenfold-package-'));
    const [packed] = JSON.parse(run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], root));
    tarball = join(folder, packed.filename);
    assert.ok(packed.size < 3_200_000, `${packed.size} bytes packed`);
    const files: string[] = packed.files.map(({ path }: { path: string }) => path);
    assert.ok(
      !files.some(path => /^(test|bench|functions|gateway|dist\/charts)\//.test(path)),
      'only what ships is in it',
    );
    for (const path of ['llms.txt', 'docs/README.md', 'docs/reference/kinds/topic.md']) assert.ok(files.includes(path));
    // `init` from the checkout, as `npx tenfold init` would; the package comes from the
    // tarball instead of the registry.
    run(process.execPath, ['--conditions=tenfold-source', join(root, 'cli/main.ts'), 'init', app()], folder);
    const file = join(app(), 'package.json');
    const manifest = JSON.parse(readFileSync(file, 'utf8'));
    manifest.devDependencies.tenfold = `file:${tarball}`;
    writeFileSync(file, JSON.stringify(manifest, null, 2));
    run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], app());
    run('npm', ['rebuild', '--ignore-scripts=false', '--loglevel=error', 'node'], app());
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('is put together as package managers, bundlers and compilers expect', async () => {
    const { buffer } = new Uint8Array(readFileSync(tarball));
    const { messages, pkg } = await publint({ pack: { tarball: buffer }, strict: true });
    assert.deepEqual(
      messages.map(message => formatMessage(message, pkg, { color: false })),
      [],
    );
  });

  it('has the command of its name, and one by which kubectl finds it', () => {
    for (const command of ['tenfold', 'kubectl-tenfold']) {
      assert.match(run(join(app(), 'node_modules/.bin', command), ['version'], app()), /^tenfold \d/);
    }
  });

  it('gives an application whose test passes', () => {
    run('npm', ['test'], app());
  });

  it('validates, serves and stops', async () => {
    const [program = '', ...args] = tenfold();
    run(program, [...args, 'validate', app()], app());
    const platform = await startPlatformProcess(['serve', app()], tenfold(), app());
    const listed = run(program, [...args, 'get', 'routes', '--dir', app(), '--output', 'json'], app());
    const { items } = JSON.parse(listed) as { items: { path: string }[] };
    assert.deepEqual(
      items.map(({ path }) => path),
      ['/hello/:name'],
    );
    assert.equal((await fetch(`${platform.address}/hello/Ada`)).status, 200);
    const address = /"console":"([^"]+)"/.exec(platform.output())?.[1] ?? assert.fail(platform.output());
    const page = await (await fetch(address)).text();
    const script = /src="([^"]+\.js)"/.exec(page)?.[1] ?? assert.fail(page);
    assert.equal((await fetch(new URL(script, address))).status, 200);
    const docs = await fetch(new URL('/docs/guides/views', address));
    assert.match(await docs.text(), /<h1 id="views">Views/);
    assert.equal(await platform.stop(), 0);
  });

  it('has types that a strict compiler takes', () => {
    const check = join(app(), 'check.ts');
    writeFileSync(
      check,
      "import { http } from 'tenfold';\nexport default http(request => ({ path: request.path }));\n",
    );
    const tsc = join(root, 'node_modules/.bin/tsc');
    run(
      tsc,
      [
        '--noEmit',
        '--ignoreConfig',
        '--strict',
        '--module',
        'nodenext',
        '--skipLibCheck',
        'false',
        '--types',
        'node',
        '--typeRoots',
        join(root, 'node_modules/@types'),
        check,
      ],
      app(),
    );
  });
});
