// `tenfold init`: what it writes is valid, typed, tested, and runs; and it destroys nothing.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endApplications, startApplication } from '../application.ts';
import { collect, runCli } from '../run-cli.ts';
import { removeTempFolders, tempFolder } from '../temp-folder.ts';

const repository = fileURLToPath(new URL('../../../', import.meta.url));

/** What `npm install` would do, with this repository as the package. */
function install(folder: string): void {
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(repository, join(folder, 'node_modules', 'tenfold'));
  symlinkSync(join(repository, 'node_modules', '@types'), join(folder, 'node_modules', '@types'));
}

async function run(file: string, words: readonly string[], cwd: string): Promise<{ code: number; output: string }> {
  const child = spawn(process.execPath, [file, ...words], {
    cwd,
    env: { ...process.env, NODE_OPTIONS: '--conditions=tenfold-source' },
  });
  const [stdout, stderr] = [collect(child, 'stdout'), collect(child, 'stderr')];
  const [code] = await once(child, 'close');
  return { code, output: stdout() + stderr() };
}

describe('init', () => {
  afterEach(() => {
    endApplications();
    removeTempFolders();
  });

  it('writes an application that is valid, type-checks, and whose test passes', async () => {
    const parent = tempFolder();
    const { code, stdout, stderr } = await runCli(['init', 'my-shop'], { cwd: parent });
    assert.equal(code, 0, stderr);
    assert.match(stderr, /Written to my-shop:/);
    assert.match(stderr, /Next:\n {2}\$ cd my-shop\n {2}\$ npm install\n {2}\$ npm test\n {2}\$ npm run dev\n/);
    const folder = join(parent, 'my-shop');
    const written = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile());
    assert.deepEqual(
      stdout.trimEnd().split('\n').sort(),
      written.map(entry => join(entry.parentPath, entry.name).slice(folder.length + 1)).sort(),
    );
    install(folder);

    assert.deepEqual(await runCli(['validate', '--strict'], { cwd: folder }), {
      code: 0,
      stdout: '',
      stderr: 'no problems, 3 resources checked in 1 file\n',
    });
    assert.equal((await runCli(['types', '--check'], { cwd: folder })).code, 0);
    const test = await run('--test', ['test/*.test.ts'], folder);
    assert.equal(test.code, 0, test.output);
    assert.match(test.output, /pass 2/);
    const tsc = join(repository, 'node_modules', 'typescript', 'bin', 'tsc');
    const types = await run(tsc, ['--customConditions', 'tenfold-source'], folder);
    const complaints = types.output.split('\n').filter(line => /^(functions|test|tenfold-env)\b.*error/.test(line));
    assert.deepEqual(complaints, []);
  });

  it('pins Node.js and itself, and names the package after the folder', async () => {
    const parent = tempFolder();
    await runCli(['init', 'My Shop!'], { cwd: parent });
    const written = JSON.parse(readFileSync(join(parent, 'My Shop!', 'package.json'), 'utf8'));
    const own = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'));
    assert.equal(written.name, 'my-shop');
    assert.equal(written.devDependencies.tenfold, own.version);
    assert.equal(written.devDependencies.node, own.devDependencies.node);
  });

  it('writes an application that runs, one function calling the other', async () => {
    const parent = tempFolder();
    await runCli(['init', 'app'], { cwd: parent });
    const { url, end } = await startApplication(['dev', 'app'], parent, /public +(http:\/\/\S+)/);
    const answer = await fetch(`${url}/hello/Ada?language=it`);
    assert.deepEqual([answer.status, await answer.json()], [200, { greeting: 'Ciao, Ada!' }]);
    assert.equal((await fetch(`${url}/hello/Ada?language=tlh`)).status, 404);
    assert.equal(await end('SIGINT'), 0);
  });

  it('refuses to overwrite anything, lists what is in the way, and writes nothing at all', async () => {
    const folder = tempFolder({ 'app.yaml': 'mine', 'functions/phrases.ts': 'mine too' });
    const { code, stdout, stderr } = await runCli(['init'], { cwd: folder });
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(
      stderr,
      /already, and nothing was written:\n {2}app\.yaml\n {2}functions\/phrases\.ts\nNext: choose another folder, or overwrite them with --force/,
    );
    assert.deepEqual(readdirSync(folder).sort(), ['app.yaml', 'functions']);
  });

  it('overwrites with --force, and leaves other files alone', async () => {
    const folder = tempFolder({ 'app.yaml': 'mine', 'notes.txt': 'mine' });
    assert.equal((await runCli(['init', '.', '--force'], { cwd: folder })).code, 0);
    assert.match(readFileSync(join(folder, 'app.yaml'), 'utf8'), /^# yaml-language-server: \$schema=/);
    assert.equal(readFileSync(join(folder, 'notes.txt'), 'utf8'), 'mine');
  });

  it('names a schema for the editor that this package has', async () => {
    const parent = tempFolder();
    await runCli(['init', 'app'], { cwd: parent });
    const [, schema = ''] = /\$schema=(\S+)/.exec(readFileSync(join(parent, 'app', 'app.yaml'), 'utf8')) ?? [];
    install(join(parent, 'app'));
    assert.doesNotThrow(() => JSON.parse(readFileSync(join(parent, 'app', schema), 'utf8')));
  });
});
