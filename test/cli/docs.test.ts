// docs/cli.md says what the commands do, no more and no less.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { apiRoutes } from '../../admin/internal/api-routes.ts';
import { commands } from '../../cli/commands.ts';
import { exitCodes } from '../../cli/exit-codes.ts';
import { createProgram } from '../../cli/program.ts';
import { fakeTerminal } from '../fakes/fake-terminal.ts';

const text = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8');

describe('docs/cli.md', () => {
  it('has exactly the exit codes of the table', () => {
    const [, section = ''] = text.split('## Exit codes\n');
    const rows = [...(section.split('\n## ')[0] ?? '').matchAll(/^\| (\d+) +\| (.*?) +\|$/gm)].map(
      ([, code, meaning]) => ({ code: Number(code), meaning }),
    );
    assert.deepEqual(
      rows,
      Object.values(exitCodes).map(({ code, meaning }) => ({ code, meaning })),
    );
  });

  it('has a section for every command, and for no other', () => {
    const sections = [...text.matchAll(/^### `tenfold ([\w-]+)/gm)].map(([, name]) => name);
    assert.deepEqual(
      sections.sort(),
      commands
        .filter(entry => !entry.hidden)
        .map(entry => entry.name)
        .sort(),
    );
  });

  for (const { name, hidden } of commands) {
    if (hidden) continue;
    it(`names every option of ${name}, and only such`, async () => {
      const program = await createProgram(fakeTerminal(), entry => entry.name === name);
      const command = program.commands.find(each => each.name() === name);
      const options = new Set(command?.options.map(option => option.long));
      const section = text.split(`### \`tenfold ${name}`)[1]?.split(/^##/m)[0] ?? '';
      const named = new Set([...section.matchAll(/`(--[a-z-]+)/g)].map(([, option]) => option));
      const shared = [
        ...['--dir', '--admin', '--token'],
        ...['--kubeconfig', '--context', '--platform-namespace', '--service-account'],
        '--all-namespaces',
      ];
      for (const option of options)
        assert.ok(
          named.has(option) || (text.includes(`\`${option}`) && shared.includes(option ?? '')) || option === '--output',
          `${option} is not documented`,
        );
      for (const option of named) assert.ok(options.has(option), `${option} does not exist`);
    });
  }

  it('names every variable that the commands read', () => {
    const sources = ['platform/find-platform.ts', 'platform/internal-listener.ts', 'style.ts'].map(path =>
      readFileSync(new URL(`../../cli/${path}`, import.meta.url), 'utf8'),
    );
    const variables = sources.flatMap(source =>
      [...source.matchAll(/env\['([A-Z_]+)'\]/g)].map(([, variable]) => variable),
    );
    for (const variable of variables) assert.ok(variable === 'TERM' || text.includes(`\`${variable}\``), variable);
    assert.ok(variables.length >= 6);
  });

  it('names every endpoint of the admin API, and only such', () => {
    const section = text.split('## The admin API\n')[1]?.split('\n## ')[0] ?? '';
    const named = [...section.matchAll(/^\| `([A-Z]+) \/api(\/[^?`]*)/gm)].map(
      ([, method, path]) => `${method} ${path}`,
    );
    // As the page writes them: `GET /functions/{namespace}/{name}`.
    const served = apiRoutes.map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`);
    assert.deepEqual(named.sort(), served.sort());
  });
});
