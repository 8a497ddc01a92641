// The packages as they ship: packed, installed into an empty folder without a network, and used as
// the first page of the documentation says.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { type OptionalPackage, optionalPackages } from '../../core/packages/optional-package.ts';
import { startRegistry } from '../fakes/fake-registry.ts';
import { root, startPlatformProcess } from './platform-process.ts';

const MEGABYTE = 2 ** 20;
const INSTALL = ['install', '--ignore-scripts', '--no-audit', '--no-fund'];

async function run(program: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}) {
  const options = { cwd, env: { ...process.env, NO_COLOR: '1', ...env }, maxBuffer: 64 * MEGABYTE };
  const { stdout, stderr } = await promisify(execFile)(program, args, options);
  return { stdout, stderr };
}

/** Bytes of all files below a folder. */
function sizeOf(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile());
  return files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}

const NOWHERE = 'http://127.0.0.1:1';
/** What asks for an optional package, by its words and its environment. */
const OPTIONAL: readonly (readonly [OptionalPackage, readonly string[], NodeJS.ProcessEnv])[] = [
  ['@elastic/elasticsearch', ['serve'], { TENFOLD_SEARCH_ELASTICSEARCH_NODES: NOWHERE }],
  ['@aws-sdk/client-s3', ['dev'], { TENFOLD_BLOBS_S3_BUCKET: 'shop', TENFOLD_BLOBS_S3_ENDPOINT: NOWHERE }],
  ['esbuild', ['build', '--tar', 'images'], {}],
];

interface Lock {
  readonly packages: Readonly<Record<string, { readonly hasInstallScript?: boolean }>>;
}

interface Packed {
  readonly name: string;
  readonly size: number;
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

/** The command line without a package that it needs, and with it. */
function describeOptional(app: () => string, tenfold: () => readonly string[], npm: () => NodeJS.ProcessEnv): void {
  for (const [name, words, env] of OPTIONAL)
    it(`say by what command ${name} is installed where ${words[0]} needs it`, async () => {
      const [program = '', ...args] = tenfold();
      const failed = await run(program, [...args, ...words], app(), env).then(
        () => assert.fail('it did without'),
        (error: { readonly stderr: string }) => error.stderr,
      );
      const version = optionalPackages[name];
      assert.ok(failed.includes(`needs the package ${name} in version ${version}, which is not installed`), failed);
      assert.ok(failed.includes(`npm install --save-dev ${name}@${version}`), failed);
    });

  it('find an optional package once that command has installed it', async () => {
    await run('npm', [...INSTALL, '--save-dev', `esbuild@${optionalPackages.esbuild}`], app(), npm());
    const [program = '', ...args] = tenfold();
    // It has bundled all Functions before it looks for the image that they are put upon.
    const words = ['build', '--tar', 'images', '--base', 'absent.tar'];
    await assert.rejects(run(program, [...args, ...words], app()), ({ stderr }: { readonly stderr: string }) => {
      assert.match(stderr, /absent\.tar/);
      assert.doesNotMatch(stderr, /esbuild/);
      return true;
    });
  });
}

describe('a checkout that is not built', () => {
  it('is refused by a bare npm pack, in an error that says what to run', async () => {
    const checkout = mkdtempSync(join(tmpdir(), 'tenfold-unbuilt-'));
    mkdirSync(join(checkout, 'sdk'));
    for (const file of ['.npmrc', 'package.json', 'sdk/package.json']) cpSync(join(root, file), join(checkout, file));
    const toRun = /ENOENT.*dist\/built-by-npm-run-build\//;
    await assert.rejects(run('npm', ['pack'], checkout), toRun);
    await assert.rejects(run('npm', ['pack', '--workspace', 'tenfold'], checkout), toRun);
    await assert.rejects(run('npm', ['pack'], join(checkout, 'sdk')), toRun);
    rmSync(checkout, { recursive: true });
  });
});

describe('the packages', () => {
  let folder: string;
  let packed: readonly Packed[];
  /** What `npm install` of the new application said. */
  let said: string;
  /** Settings of npm, by which it installs what this checkout has, and asks no network. */
  let npm: NodeJS.ProcessEnv;
  let closeRegistry = () => {};
  const app = () => join(folder, 'shop');
  const tenfold = () => [process.execPath, join(app(), 'node_modules/@tenfold/cli/dist/cli/main.js')];
  const packageOf = (name: string) => packed.find(one => one.name === name) ?? assert.fail(name);
  const tarballOf = (name: string) => join(folder, packageOf(name).filename);

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tenfold-package-'));
    const both = ['--workspace', 'tenfold', '--include-workspace-root'];
    // `prepack` builds where nothing has been built just before (BUILT).
    const pack = ['pack', '--json', '--ignore-scripts=false', '--foreground-scripts=false', ...both];
    const { stdout } = await run('npm', [...pack, '--pack-destination', folder], root, { MAKEFLAGS: '' });
    packed = JSON.parse(stdout);
    const registry = await startRegistry();
    closeRegistry = registry.close;
    npm = { npm_config_registry: registry.url, npm_config_cache: join(folder, 'cache') };
    // `init` from the checkout, as `npx tenfold init` would; the packages come from the tarballs
    // instead of the checkout.
    await run(process.execPath, ['--conditions=tenfold-source', join(root, 'cli/main.ts'), 'init', app()], folder);
    const file = join(app(), 'package.json');
    const manifest = JSON.parse(readFileSync(file, 'utf8'));
    for (const { name } of packed) manifest.devDependencies[name] = `file:${tarballOf(name)}`;
    writeFileSync(file, JSON.stringify(manifest, null, 2));
    const installed = await run('npm', INSTALL, app(), npm);
    said = installed.stdout + installed.stderr;
  });
  after(() => {
    closeRegistry();
    rmSync(folder, { recursive: true, force: true });
  });

  it('are small, and have only what ships', () => {
    const cli = packageOf('@tenfold/cli');
    assert.ok(cli.size < 3_200_000, `${cli.size} bytes packed`);
    const files = packed.map(one => one.files.map(({ path }) => path));
    for (const path of files.flat())
      assert.doesNotMatch(path, /^(test|bench|functions|gateway|sdk|dist\/(charts|packages|site))\//);
    const ofCli = new Set(cli.files.map(({ path }) => path));
    for (const path of ['llms.txt', 'docs/README.md', 'docs/reference/kinds/topic.md', 'dist/cli/main.js'])
      assert.ok(ofCli.has(path), path);
    const ofSdk = new Set(packageOf('tenfold').files.map(({ path }) => path));
    for (const path of ['dist/index.js', 'dist/index.d.ts', 'dist/testing/index.js', 'dist/testing/index.d.ts'])
      assert.ok(ofSdk.has(path), path);
  });

  it('are put together as package managers, bundlers and compilers expect', async () => {
    for (const { name } of packed) {
      const { buffer } = new Uint8Array(readFileSync(tarballOf(name)));
      const { messages, pkg } = await publint({ pack: { tarball: buffer }, strict: true });
      assert.deepEqual(
        messages.map(message => formatMessage(message, pkg, { color: false })),
        [],
      );
    }
  });

  it('are installed without a warning or a script, within 150 MB', () => {
    assert.doesNotMatch(said, /warn|EBADENGINE|allow-?scripts/i);
    const { packages }: Lock = JSON.parse(readFileSync(join(app(), 'package-lock.json'), 'utf8'));
    assert.deepEqual(
      Object.keys(packages).filter(path => packages[path]?.hasInstallScript),
      [],
    );
    const size = sizeOf(join(app(), 'node_modules'));
    assert.ok(size < 150 * MEGABYTE, `${size} bytes`);
  });

  it('give functions an SDK of at most 2 MB and three packages', async () => {
    const alone = join(folder, 'alone');
    mkdirSync(alone);
    writeFileSync(join(alone, 'package.json'), '{ "private": true, "type": "module" }');
    await run('npm', [...INSTALL, tarballOf('tenfold')], alone, npm);
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
    await run(join(app(), 'node_modules/.bin/tenfold'), ['init', join(folder, 'next')], folder);
    const { devDependencies } = JSON.parse(readFileSync(join(folder, 'next/package.json'), 'utf8'));
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    assert.deepEqual([devDependencies.tenfold, devDependencies['@tenfold/cli']], [version, version]);
  });

  it('give an application whose test passes', async () => {
    await run('npm', ['test'], app());
  });

  describeOptional(app, tenfold, () => npm);

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
