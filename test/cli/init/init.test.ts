// `tenfold init`: what it writes is valid, typed, tested, and runs; and it destroys nothing.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { endApplications, startApplication } from '../application.ts';
import { runCli } from '../run-cli.ts';
import { removeTempFolders, tempFolder } from '../temp-folder.ts';
import { installCheckout, repository } from './installed.ts';

describe('init', () => {
  afterEach(() => {
    endApplications();
    removeTempFolders();
  });

  it('says what it wrote, and what to type next', async () => {
    const parent = tempFolder();
    const env = { npm_config_user_agent: '' };
    const { code, stdout, stderr } = await runCli(['init', 'my-shop'], { cwd: parent, env });
    assert.equal(code, 0, stderr);
    assert.match(stderr, /Written to my-shop:/);
    assert.match(
      stderr,
      /Next:\n {2}\$ cd my-shop\n( {2}\$ npm run build --prefix \S+\n)? {2}\$ npm install\n {2}\$ npm test\n {2}\$ npm run dev\n/,
    );
    const folder = join(parent, 'my-shop');
    const written = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile());
    assert.deepEqual(
      stdout.trimEnd().split('\n').sort(),
      written.map(entry => join(entry.parentPath, entry.name).slice(folder.length + 1)).sort(),
    );
  });

  it('takes the package from the checkout that it runs in, which is built first', async () => {
    const parent = tempFolder();
    const { stderr } = await runCli(['init', 'deep/shop'], { cwd: parent });
    const folder = join(parent, 'deep', 'shop');
    const { devDependencies, scripts } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const [, path = ''] = /^file:(.+)$/.exec(devDependencies['@tenfold/cli']) ?? [];
    assert.equal(resolve(folder, path), resolve(repository));
    assert.equal(devDependencies.tenfold, `file:${path}/sdk`);
    assert.equal(stderr.includes(`npm run build --prefix ${path}`), !existsSync(join(repository, 'dist/cli/main.js')));
    assert.ok(JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')).scripts.build);
    assert.ok(!('legacy' in scripts));
  });

  it('names the right schema and scripts for the editor and the debugger', async () => {
    const parent = tempFolder();
    await runCli(['init', 'app'], { cwd: parent });
    const folder = join(parent, 'app');
    installCheckout(folder);
    const read = (name: string) => JSON.parse(readFileSync(join(folder, '.vscode', name), 'utf8'));
    for (const schema of Object.keys(read('settings.json')['yaml.schemas']))
      assert.ok(existsSync(join(folder, schema)));
    assert.ok(read('launch.json').configurations.length > 0);
    assert.ok(read('extensions.json').recommendations.length > 0);
  });

  it('pins what it was tested with, and names the package after the folder', async () => {
    const parent = tempFolder();
    await runCli(['init', 'My Shop!'], { cwd: parent });
    const written = JSON.parse(readFileSync(join(parent, 'My Shop!', 'package.json'), 'utf8'));
    const own = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'));
    assert.equal(written.name, 'my-shop');
    for (const name of ['typescript', '@types/node'])
      assert.equal(written.devDependencies[name], own.devDependencies[name]);
    assert.equal(written.engines.node, '>=24');
  });

  it('leaves Node.js to the user, but where npm runs on one that is too old', async () => {
    const parent = tempFolder();
    const agents = {
      'npm/10.8.2 node/v20.20.2 linux x64': true,
      'npm/11.19.1 node/v24.21.0 linux x64': false,
      '': false,
    };
    for (const [at, [agent, isOld]] of Object.entries(agents).entries()) {
      const { stderr } = await runCli(['init', `app-${at}`], { cwd: parent, env: { npm_config_user_agent: agent } });
      assert.equal(/\$ npm install --save-dev node@24\.\d+\.\d+\n/.test(stderr), isOld, stderr);
    }
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

  it('says what cannot be written, and takes nothing for its own bug', async () => {
    const folder = tempFolder({ file: '', 'taken/app.yaml/x': '' });
    const lines = { file: '/file', 'file/app': '/file/app', 'taken --force': '/taken/app.yaml' };
    for (const [words, path] of Object.entries(lines)) {
      const { code, stderr } = await runCli(['init', ...words.split(' ')], { cwd: folder });
      assert.equal(code, 2, stderr);
      assert.ok(stderr.includes(`${path} cannot be written: something else is in its place.\n`), stderr);
      assert.match(stderr, /Next: choose another folder, one that you may write to\.\n$/);
    }
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
    installCheckout(join(parent, 'app'));
    assert.doesNotThrow(() => JSON.parse(readFileSync(join(parent, 'app', schema), 'utf8')));
  });
});
