// The worked example of each page in docs/migrate is an application: its functions have types that
// fit, and its tests pass.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { collect } from '../cli/run-cli.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const docs = join(root, 'docs/migrate');
const pages = readdirSync(docs);
const COMPILER_OPTIONS = {
  ...{ target: 'es2024', lib: ['es2024'], module: 'nodenext', types: ['node'], noEmit: true, strict: true },
  ...{ verbatimModuleSyntax: true, erasableSyntaxOnly: true, allowImportingTsExtensions: true, skipLibCheck: true },
  customConditions: ['tenfold-source'],
};

/** The files that a page shows: blocks of TypeScript whose first line is their name. */
function filesOf(page: string): { name: string; text: string }[] {
  const blocks = readFileSync(join(docs, page), 'utf8').matchAll(/^```ts\n(\/\/ (\S+)\n[\s\S]*?)^```$/gm);
  return [...blocks].map(([, text = '', name = '']) => ({ name, text }));
}

async function run(words: readonly string[], cwd: string): Promise<{ code: number; output: string }> {
  const child = spawn(process.execPath, words, {
    cwd,
    env: { ...process.env, NODE_OPTIONS: '--conditions=tenfold-source' },
  });
  const [stdout, stderr] = [collect(child, 'stdout'), collect(child, 'stderr')];
  const [code] = await once(child, 'close');
  return { code, output: stdout() + stderr() };
}

describe('the examples of docs/migrate', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'tenfold-migrate-'));
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(join(root, 'sdk'), join(folder, 'node_modules', 'tenfold'));
    symlinkSync(join(root, 'node_modules', '@types'), join(folder, 'node_modules', '@types'));
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: COMPILER_OPTIONS }));
    for (const page of pages) {
      const home = join(folder, page.replace(/\.md$/, ''));
      mkdirSync(home);
      for (const { name, text } of filesOf(page)) writeFileSync(join(home, name), text);
    }
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const page of pages) {
    it(`docs/migrate/${page} shows each function that its resources name, and a test`, () => {
      const text = readFileSync(join(docs, page), 'utf8');
      const named = [...text.matchAll(/\bsource: \.\/([^\s,}]+)/g)].map(([, file = '']) => file);
      const shown = filesOf(page).map(({ name }) => name);
      assert.ok(named.length > 0);
      assert.deepEqual(
        named.filter(file => !shown.includes(file)),
        [],
      );
      assert.ok(shown.some(name => name.endsWith('.test.ts')));
    });
  }

  it('have types that fit', async () => {
    const { output } = await run([join(root, 'node_modules/typescript/bin/tsc')], folder);
    const own = new RegExp(`^(?:${pages.map(page => page.replace(/\.md$/, '')).join('|')})/.*error`);
    assert.deepEqual(
      output.split('\n').filter(line => own.test(line)),
      [],
    );
    assert.doesNotMatch(output, /error TS(?:18003|5\d{3})/);
  });

  it('have tests that pass', async () => {
    const { code, output } = await run(['--test', '*/*.test.ts'], folder);
    assert.equal(code, 0, output);
    const tests = pages.flatMap(page => filesOf(page)).flatMap(({ text }) => [...text.matchAll(/^test\(/gm)]);
    assert.match(output, new RegExp(`pass ${tests.length}\\b`));
  });
});
