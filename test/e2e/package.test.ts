// The packages as they ship: packed, installed into an empty folder without a network, and used as
// the first page of the documentation says.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { describeCreate } from './packages/describe-create.ts';
import { describeOptional, OLDER } from './packages/describe-optional.ts';
import { INSTALL, MEGABYTE, type Packages, packPackages, run } from './packages/npm.ts';
import { root, startPlatformProcess } from './platform-process.ts';

/** Bytes of all files below a folder. */
function sizeOf(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile());
  return files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}

/** As people type them: nothing is switched off, and scripts would run. */
const AS_PEOPLE_TYPE = { create: ['create', 'tenfold@latest', 'shop'], install: ['install'] } as const;

interface Lock {
  readonly packages: Readonly<Record<string, { readonly hasInstallScript?: boolean }>>;
}

describe('a checkout that is not built', () => {
  it('is refused by npm pack and npm publish, in an error that says what to run', async () => {
    const checkout = mkdtempSync(join(tmpdir(), 'tenfold-unbuilt-'));
    const packages = { '.': 'scripts', sdk: 'sdk', create: 'create' };
    const copied = ['.npmrc', ...Object.keys(packages).map(folder => join(folder, 'package.json'))];
    const links = Object.values(packages).map(folder => join(folder, 'npm-run-build-comes-first'));
    for (const path of [...copied, ...links])
      cpSync(join(root, path), join(checkout, path), { recursive: true, verbatimSymlinks: true });
    for (const [folder, link] of Object.entries(packages)) {
      const toRun = new RegExp(`ENOENT.*/${link}/npm-run-build-comes-first/`);
      for (const words of [['pack'], ['pack', '--pack-destination', checkout], ['publish', '--dry-run']])
        await assert.rejects(run('npm', words, join(checkout, folder)), toRun);
    }
    await assert.rejects(run('npm', ['pack', '--workspaces', '--include-workspace-root'], checkout), /ENOENT/);
    assert.deepEqual(
      readdirSync(checkout, { recursive: true }).filter(name => String(name).endsWith('.tgz')),
      [],
    );
    rmSync(checkout, { recursive: true });
  });
});

describe('the packages', () => {
  let packages: Packages;
  /** What npm said to its user while the application was made and installed. */
  let said: string;
  const app = () => join(packages.folder, 'shop');
  const tenfold = () => [process.execPath, join(app(), 'node_modules/@tenfold/cli/dist/cli/main.js')];

  before(async () => {
    packages = await packPackages(OLDER);
    const created = await run('npm', AS_PEOPLE_TYPE.create, packages.folder, packages.npm);
    const installed = await run('npm', AS_PEOPLE_TYPE.install, app(), packages.npm);
    said = [created, installed].map(({ stdout, stderr }) => stdout + stderr).join('\n');
  });
  after(() => packages.close());

  it('are small, and have only what ships', () => {
    const cli = packages.packageOf('@tenfold/cli');
    const bars = { '@tenfold/cli': 3_200_000, tenfold: 70_000, 'create-tenfold': 45_000 };
    for (const [name, bar] of Object.entries(bars)) {
      const { size } = packages.packageOf(name);
      assert.ok(size < bar, `${name}: ${size} bytes packed`);
    }
    for (const { name, files } of packages.packed) {
      const texts = files.filter(({ path }) => /(^|\/)(LICENSE|THIRD-PARTY\.txt)$/.test(path));
      assert.equal(texts.length, name === 'tenfold' ? 1 : 2, `licences in ${name}`);
    }
    const files = packages.packed.map(one => one.files.map(({ path }) => path));
    for (const path of files.flat())
      assert.doesNotMatch(
        path,
        /^(test|bench|functions|gateway|sdk|create|scripts|.*npm-?ignore|dist\/(charts|packages|site))\//,
      );
    const ofCli = new Set(cli.files.map(({ path }) => path));
    for (const path of ['llms.txt', 'docs/README.md', 'docs/reference/kinds/topic.md', 'dist/cli/main.js'])
      assert.ok(ofCli.has(path), path);
    const ofSdk = new Set(packages.packageOf('tenfold').files.map(({ path }) => path));
    for (const path of ['dist/index.js', 'dist/index.d.ts', 'dist/testing/index.js', 'dist/testing/index.d.ts'])
      assert.ok(ofSdk.has(path), path);
  });

  it('are put together as package managers, bundlers and compilers expect', async () => {
    for (const { name } of packages.packed) {
      const { buffer } = new Uint8Array(readFileSync(packages.tarballOf(name)));
      const { messages, pkg } = await publint({ pack: { tarball: buffer }, strict: true });
      assert.deepEqual(
        messages.map(message => formatMessage(message, pkg, { color: false })),
        [],
      );
    }
  });

  it('are installed without a warning or a script, within 150 MB', () => {
    assert.doesNotMatch(said, /warn|EBADENGINE|allow-?scripts/i);
    const lock: Lock = JSON.parse(readFileSync(join(app(), 'package-lock.json'), 'utf8'));
    assert.deepEqual(
      Object.keys(lock.packages).filter(path => lock.packages[path]?.hasInstallScript),
      [],
    );
    const size = sizeOf(join(app(), 'node_modules'));
    assert.ok(size < 150 * MEGABYTE, `${size} bytes`);
  });

  it('give functions an SDK of at most 2 MB and three packages', async () => {
    const alone = join(packages.folder, 'alone');
    mkdirSync(alone);
    writeFileSync(join(alone, 'package.json'), '{ "private": true, "type": "module" }');
    await run('npm', [...INSTALL, packages.tarballOf('tenfold')], alone, packages.npm);
    const lock = JSON.parse(readFileSync(join(alone, 'package-lock.json'), 'utf8'));
    assert.deepEqual(
      Object.keys(lock.packages).filter(path => path !== ''),
      ['node_modules/@standard-schema/spec', 'node_modules/tenfold'],
    );
    assert.ok(sizeOf(join(alone, 'node_modules')) < 2 * MEGABYTE);
    // The function of its README and the test of it, which have their names in the first line.
    const page = readFileSync(join(root, 'sdk/README.md'), 'utf8');
    const shown = [...page.matchAll(/^```ts\n(\/\/ (\S+)\n[\s\S]*?)^```$/gm)];
    for (const [, text = '', name = ''] of shown) writeFileSync(join(alone, name), text);
    const { stdout } = await run(process.execPath, ['--test', 'hello.test.ts'], alone);
    assert.match(stdout, /pass 1\n/);
  });

  it('have the command of their name, and one by which kubectl finds it', async () => {
    for (const command of ['tenfold', 'kubectl-tenfold']) {
      const { stdout } = await run(join(app(), 'node_modules/.bin', command), ['version'], app());
      assert.match(stdout, /^tenfold \d/);
    }
  });

  it('write applications that take both packages in their version', async () => {
    await run(join(app(), 'node_modules/.bin/tenfold'), ['init', join(packages.folder, 'next')], packages.folder);
    const { devDependencies } = JSON.parse(readFileSync(join(packages.folder, 'next/package.json'), 'utf8'));
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    assert.deepEqual([devDependencies.tenfold, devDependencies['@tenfold/cli']], [version, version]);
  });

  it('give an application whose test passes', async () => {
    await run('npm', ['test'], app());
  });

  describeOptional(app, tenfold, () => packages);

  describeCreate(() => packages);

  it('validate, serve and stop', async () => {
    const [program = '', ...args] = tenfold();
    await run(program, [...args, 'validate', app()], app());
    const platform = await startPlatformProcess(['serve', app()], tenfold(), app());
    const listed = await run(program, [...args, 'get', 'routes', '--dir', app(), '--output', 'json'], app());
    const { items } = JSON.parse(listed.stdout) as { items: { path: string }[] };
    assert.deepEqual(
      items.map(({ path }) => path),
      ['/hello/:name'],
    );
    assert.equal((await fetch(`${platform.address}/hello/Ada`)).status, 200);
    const asked = await run(program, [...args, 'sql', 'SELECT 1'], app()).catch(error => error);
    assert.ok(asked.stderr.includes(`npm install --save-dev @duckdb/node-api@`), asked.stderr);
    const address = /"console":"([^"]+)"/.exec(platform.output())?.[1] ?? assert.fail(platform.output());
    const page = await (await fetch(address)).text();
    const script = /src="([^"]+\.js)"/.exec(page)?.[1] ?? assert.fail(page);
    assert.equal((await fetch(new URL(script, address))).status, 200);
    const docs = await fetch(new URL('/docs/guides/views', address));
    assert.match(await docs.text(), /<h1 id="views">Views/);
    assert.equal(await platform.stop(), 0);
  });

  it('have types that a strict compiler takes', async () => {
    const check = join(app(), 'check.ts');
    writeFileSync(
      check,
      "import { http } from 'tenfold';\nexport default http(request => ({ path: request.path }));\n",
    );
    const tsc = join(root, 'node_modules/.bin/tsc');
    await run(
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
