// What the pages about clusters name is there: values of the chart, metrics, targets of make,
// commands, and where links lead.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { commands } from '../../cli/commands.ts';
import { createProgram } from '../../cli/program.ts';
import { fakeTerminal } from '../fakes/fake-terminal.ts';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const values: unknown = parse(read('charts/tenfold/values.yaml'));
const targets = new Set([...read('Makefile').matchAll(/^([a-z-]+):/gm)].map(([, name]) => name));
const sources = ['admin', 'gateway', 'k8s', 'server'].flatMap(folder =>
  readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts'))
    .map(file => read(`${folder}/${file}`)),
);

/** The value at a path such as `kafka.tls`; undefined where there is none. */
function valueAt(path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((at, name) => (at as Record<string, unknown> | null | undefined)?.[name], values);
}

/** As GitHub makes it of a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');
}

/**
 * Words of a command as the shell gives them on: without what comes behind a pipe,
 * an ampersand or a comment.
 */
function wordsOf(command: string): string[] {
  const [own = ''] = command.split(/\s[|&#]|[;>]/);
  return own.trim().split(/\s+/);
}

for (const page of ['docs/install.md', 'docs/operations.md', 'docs/security.md']) {
  describe(page, () => {
    const text = read(page);
    const [blocks, prose] = [/^```sh\n([\s\S]*?)^```$/gm, text.replace(/^```[\s\S]*?^```$/gm, '')];
    const typed = [...text.matchAll(blocks)].flatMap(([, block = '']) => block.split('\n').map(line => line.trim()));
    const named = [...prose.matchAll(/`([^`]+)`/g)].map(([, what = '']) => what);

    it('names values that the chart has', () => {
      const paths = named
        .map(what => /^([a-z][\w]*(?:\.\w+)*)(?::|$)/i.exec(what)?.[1] ?? '')
        .filter(path => path.includes('.') && valueAt(path.split('.')[0] ?? '') !== undefined);
      for (const path of paths) assert.notEqual(valueAt(path), undefined, path);
    });

    it('names metrics that the platform has', () => {
      const metrics = new Set([...text.matchAll(/\btenfold_[a-z_]+/g)].map(([name]) => name));
      for (const name of metrics)
        assert.ok(
          sources.some(source => source.includes(`'${name}'`)),
          name,
        );
    });

    it('names targets that make has', () => {
      for (const command of [...typed, ...named].filter(one => /^make\b/.test(one)))
        assert.ok(targets.has(wordsOf(command)[1] ?? ''), command);
    });

    it('shows commands that tenfold takes', async () => {
      const program = await createProgram(fakeTerminal(), () => true);
      for (const command of program.commands) command.action(() => {});
      const shown = [...typed, ...named].filter(one => commands.some(({ name }) => one.startsWith(`tenfold ${name}`)));
      for (const command of shown) {
        const [, ...words] = wordsOf(command);
        await program.parseAsync(words, { from: 'user' }).catch(error => assert.fail(`${command}: ${error.message}`));
      }
    });

    it('has links that lead somewhere', () => {
      for (const [, target = ''] of prose.matchAll(/\]\((?!https?:)([^)]+)\)/g)) {
        const [path = '', anchor] = target.split('#');
        const file = new URL(path === '' ? `../../${page}` : path, path === '' ? import.meta.url : new URL(page, root));
        assert.ok(existsSync(file), target);
        if (anchor === undefined) continue;
        const headings = [...readFileSync(file, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
          anchorOf(heading),
        );
        assert.ok(headings.includes(anchor), target);
      }
    });
  });
}
