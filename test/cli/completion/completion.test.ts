// Completion: what is offered, and that the scripts are valid and ask for it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Completion, complete, type Names } from '../../../cli/completion/answer.ts';
import { kindCandidates } from '../../../cli/completion/kind-candidates.ts';
import { createProgram } from '../../../cli/program.ts';
import { fakeTerminal } from '../../fakes/fake-terminal.ts';
import { runCli } from '../run-cli.ts';
import { removeTempFolders, tempFolder } from '../temp-folder.ts';

describe('shell completion', () => {
  afterEach(removeTempFolders);

  const names: Names = {
    kinds: async () => kindCandidates(),
    functions: async () => [
      { value: 'orders', description: 'available' },
      { value: 'menu', description: 'asleep' },
    ],
    resources: async kind => [{ value: `some-${kind}`, description: kind }],
    schedules: async () => [{ value: 'queue/reports/nightly', description: '@daily' }],
  };

  async function answer(...words: string[]): Promise<Completion> {
    return complete(await createProgram(fakeTerminal(), () => true), words, names);
  }

  describe('completion', () => {
    const rows = [
      { name: 'commands', words: ['v'], values: ['validate', 'views', 'version'] },
      { name: 'commands after help', words: ['help', 'se'], values: ['serve'] },
      { name: 'no hidden commands', words: ['_'], values: [] },
      { name: 'options', words: ['dev', '--p'], values: ['--port'] },
      { name: 'options after arguments', words: ['dev', 'shop', '--adm'], values: ['--admin-port'] },
      { name: 'choices of an option', words: ['get', '--output', 'w'], values: ['wide'] },
      { name: 'choices of a short option', words: ['get', '-o', 'ya'], values: ['yaml'] },
      { name: 'choices behind =', words: ['get', '--output=j'], values: ['--output=json'] },
      { name: 'choices behind = as bash breaks it', words: ['get', '--output', '=', 'j'], values: ['json'] },
      {
        name: 'choices right after = as bash breaks it',
        words: ['version', '--output', '='],
        values: ['text', 'json', 'yaml'],
      },
      { name: 'choices of an argument', words: ['completion', 'z'], values: ['zsh'] },
      { name: 'functions that run', words: ['invoke', 'o'], values: ['orders'] },
      { name: 'functions after an option with a value', words: ['invoke', '-X', 'POST', 'm'], values: ['menu'] },
      { name: 'kinds', words: ['get', 'f'], values: ['functions', 'fanouts'] },
      { name: 'names of a kind', words: ['get', 'topics', ''], values: ['some-topics'] },
      { name: 'topics', words: ['topics', 'tail', ''], values: ['some-topics'] },
      { name: 'queues', words: ['jobs', 'list', ''], values: ['some-queues'] },
      {
        name: 'subscriptions and queues',
        words: ['dead', 'list', ''],
        values: ['some-subscriptions', 'queue/some-queues'],
      },
      { name: 'states of jobs', words: ['jobs', 'list', '--state', 'f'], values: ['failed'] },
      { name: 'schedules', words: ['schedules', 'run', 'q'], values: ['queue/reports/nightly'] },
      { name: 'views', words: ['views', 'show', ''], values: ['some-views'] },
      { name: 'fan-outs', words: ['fanouts', 'list', ''], values: ['some-fanouts'] },
      { name: 'nothing where nothing can follow', words: ['get', 'topics', 'x', ''], values: [] },
      { name: 'nothing after an unknown command', words: ['nope', ''], values: [] },
      { name: 'nothing for free text', words: ['invoke', 'orders', '--path', ''], values: [] },
    ];
    for (const { name, words, values } of rows) {
      it(`offers ${name}`, async () => {
        const { candidates, paths } = await answer(...words);
        assert.deepEqual(
          candidates.map(each => each.value),
          values,
        );
        assert.equal(paths, 'none');
      });
    }

    it('leaves folders and files to the shell', async () => {
      assert.equal((await answer('dev', '')).paths, 'folders');
      assert.equal((await answer('validate', 'a.yaml', '')).paths, 'files');
      assert.equal((await answer('get', '--dir', '')).paths, 'folders');
    });

    it('offers every kind that exists', () => {
      assert.equal(kindCandidates().length, 12);
    });
  });

  describe('completion script', () => {
    for (const shell of ['bash', 'zsh', 'fish']) {
      const found = spawnSync(shell, ['--version']).status === 0;
      it(`of ${shell} is printed as it lies there${found ? `, and ${shell} can parse it` : ''}`, async () => {
        const { code, stdout } = await runCli(['completion', shell]);
        assert.equal(code, 0);
        const file = fileURLToPath(new URL(`../../../cli/templates/completion/tenfold.${shell}`, import.meta.url));
        assert.equal(stdout, readFileSync(file, 'utf8'));
        if (found) assert.deepEqual(spawnSync(shell, ['-n', file]).stderr.toString(), '');
      });
    }

    const bash = fileURLToPath(new URL('../../../cli/templates/completion/tenfold.bash', import.meta.url));
    const main = fileURLToPath(new URL('../../../cli/main.ts', import.meta.url));

    /** What bash would offer with the cursor behind the last word. */
    function press(words: readonly string[], folder: string): string[] {
      writeFileSync(
        join(folder, 'tenfold'),
        `#!/bin/sh\nexec ${process.execPath} --conditions=tenfold-source ${main} "$@"\n`,
      );
      chmodSync(join(folder, 'tenfold'), 0o755);
      const script = `source ${bash}; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _tenfold_completion; printf '%s\\n' "\${COMPREPLY[@]}"`;
      const { stdout } = spawnSync('bash', ['-c', script, 'bash', 'tenfold', ...words], {
        cwd: folder,
        env: { ...process.env, PATH: `${folder}:${process.env['PATH']}` },
      });
      return stdout.toString().split('\n').filter(Boolean);
    }

    it('of bash offers commands and choices', () => {
      const folder = tempFolder();
      assert.deepEqual(press(['va'], folder), ['validate']);
      assert.deepEqual(press(['get', '--output', '=', 'ya'], folder), ['yaml']);
    });

    it('of bash offers folders, also with a blank in the name', () => {
      const folder = tempFolder({ 'my shop/app.yaml': '', 'my-file': '' });
      assert.deepEqual(press(['dev', 'my'], folder), ['my shop']);
      assert.deepEqual(press(['validate', 'my'], folder).sort(), ['my shop', 'my-file']);
    });

    it('of bash never runs what stands on the line', () => {
      const folder = tempFolder();
      press(['get', '$(touch ran)', ''], folder);
      press(['get', '`touch ran`; touch ran', ''], folder);
      assert.equal(spawnSync('test', ['-e', join(folder, 'ran')]).status, 1);
    });
  });
});
