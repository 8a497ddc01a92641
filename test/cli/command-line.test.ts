// The command line as a shell sees it: help, mistakes, exit codes, colours, pipes.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commands } from '../../cli/commands.ts';
import { assertGolden } from './golden.ts';
import { collect, runCli, startCli } from './run-cli.ts';
import { removeTempFolders, tempFolder } from './temp-folder.ts';

describe('command line as a process', () => {
  afterEach(removeTempFolders);

  describe('help', () => {
    it('lists the commands with examples', async () => {
      const { code, stdout, stderr } = await runCli(['--help']);
      assert.deepEqual([code, stderr], [0, '']);
      assertGolden('help/tenfold.txt', stdout);
    });

    for (const { name, hidden } of commands) {
      if (hidden) continue;
      it(`of ${name} has its options and examples`, async () => {
        const { code, stdout, stderr } = await runCli([name, '--help']);
        assert.deepEqual([code, stderr], [0, '']);
        assert.match(stdout, /\nExamples:\n/);
        assertGolden(`help/${name}.txt`, stdout);
      });
    }

    it('is the same by "help COMMAND"', async () => {
      assert.equal((await runCli(['help', 'get'])).stdout, (await runCli(['get', '--help'])).stdout);
    });

    it('is what comes without any word', async () => {
      const { code, stdout } = await runCli([]);
      assert.equal(code, 0);
      assert.equal(stdout, (await runCli(['--help'])).stdout);
    });
  });

  describe('mistake on the command line', () => {
    const rows = [
      {
        name: 'an unknown command',
        words: ['gte'],
        message: /unknown command 'gte'\n\(Did you mean get\?\)\nNext: see "tenfold --help"/,
      },
      {
        name: 'an unknown option',
        words: ['dev', '--prot', '1'],
        message: /unknown option '--prot'\n\(Did you mean --port\?\)\nNext: see "tenfold dev --help"/,
      },
      {
        name: 'a value that is no choice',
        words: ['get', '-o', 'xml'],
        message: /Allowed choices are table, wide, name, json, yaml/,
      },
      { name: 'a port that is none', words: ['dev', '--port', '99999'], message: /'99999' is invalid\. It is no port/ },
      { name: 'a missing argument', words: ['invoke'], message: /missing required argument 'FUNCTION'/ },
      {
        name: 'a platform that is named where none is asked',
        words: ['doctor', '--admin', 'http://127.0.0.1:1'],
        message: /name a running platform: add --online/,
      },
      {
        name: 'a folder and another platform',
        words: ['doctor', 'my-shop', '--online', '--context', 'kind'],
        message: /my-shop and the other options name different platforms/,
      },
      { name: 'too many arguments', words: ['version', 'x'], message: /too many arguments/ },
      {
        name: 'a shell that is not known',
        words: ['completion', 'tcsh'],
        message: /Allowed choices are bash, zsh, fish/,
      },
      {
        name: 'an admin address without token',
        words: ['get', '--admin', 'http://127.0.0.1:1'],
        message: /no token\.\nNext: pass --token/,
      },
      {
        name: 'an admin address that is none',
        words: ['get', '--admin', 'localhost', '--token', 'x'],
        message: /"localhost" is no URL/,
      },
      {
        name: 'a folder that does not exist',
        words: ['dev', 'nowhere-at-all'],
        message: /There is no folder .*nowhere-at-all\.\nNext: name an existing folder/,
      },
    ];
    for (const { name, words, message } of rows) {
      it(`${name} ends with 2, says so on stderr, and what to do`, async () => {
        const { code, stdout, stderr } = await runCli(words, { cwd: tempFolder() });
        assert.deepEqual([code, stdout], [2, '']);
        assert.match(stderr, message);
      });
    }
  });

  describe('command line', () => {
    it('prints its versions', async () => {
      assert.match((await runCli(['version'])).stdout, /^tenfold \d+\.\d+\.\d+ \(node v24\./);
      assert.match((await runCli(['--version'])).stdout, /^\d+\.\d+\.\d+\n$/);
      assert.equal(JSON.parse((await runCli(['version', '-o', 'json'])).stdout).node, process.version);
      assert.match((await runCli(['version', '-o', 'yaml'])).stdout, /^node: v24\./m);
    });

    it('stores nothing outside the application: no configuration, no cache, no history', async () => {
      const home = tempFolder();
      const XDG = ['CONFIG', 'CACHE', 'DATA', 'STATE'].map(kind => [`XDG_${kind}_HOME`, join(home, kind)]);
      const env = { HOME: home, TMPDIR: home, ...Object.fromEntries(XDG) };
      const parent = tempFolder();
      for (const words of [
        ['init', 'app'],
        ['validate', 'app'],
        ['types', 'app'],
        ['completion', 'bash'],
      ]) {
        assert.equal((await runCli(words, { cwd: parent, env })).code, 0, words.join(' '));
      }
      assert.equal((await runCli(['get', '--dir', 'app'], { cwd: parent, env })).code, 3);
      assert.deepEqual([readdirSync(home), readdirSync(parent)], [[], ['app']]);
    });

    it('has no colours in a pipe, unless they are forced', async () => {
      const sequence = /\u001b\[/;
      assert.doesNotMatch((await runCli(['gte'])).stderr, sequence);
      assert.match((await runCli(['gte'], { env: { FORCE_COLOR: '1' } })).stderr, /\u001b\[31merror:\u001b\[39m/);
      assert.doesNotMatch((await runCli(['gte'], { env: { NO_COLOR: '1' } })).stderr, sequence);
      assert.match((await runCli(['--help'], { env: { FORCE_COLOR: '1' } })).stdout, sequence);
    });

    it('ends quietly when nobody reads on', async () => {
      const child = startCli(['__complete', '--', '']);
      const stderr = collect(child, 'stderr');
      child.stdout?.destroy();
      const [code] = await once(child, 'close');
      assert.deepEqual([code, stderr()], [0, '']);
    });

    it('says which Node.js it needs, before it loads anything else', async () => {
      const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
      const older =
        'data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"20.19.0"}})';
      const child = spawn(process.execPath, ['--import', older, main, 'version']);
      const stderr = collect(child, 'stderr');
      const [code] = await once(child, 'close');
      assert.equal(code, 2);
      assert.match(stderr(), /tenfold needs Node\.js 24 or newer/);
      assert.match(stderr(), /Next: run "npm install --save-dev node@24"/);
    });
  });
});
