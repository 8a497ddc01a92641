// The AGENTS.md that `tenfold init` writes: what it shows is valid and passes, and what it names
// is there.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { validateDirectory } from '../../../resources/validate.ts';
import { collect, runCli } from '../run-cli.ts';
import { removeTempFolders, tempFolder } from '../temp-folder.ts';

const repository = fileURLToPath(new URL('../../../', import.meta.url));

/** The text that a new application gets. */
async function writtenText(): Promise<string> {
  const parent = tempFolder();
  const { code, stderr } = await runCli(['init', 'app'], { cwd: parent });
  assert.equal(code, 0, stderr);
  return readFileSync(join(parent, 'app', 'AGENTS.md'), 'utf8');
}

describe('the AGENTS.md of a new application', () => {
  let text: string;
  before(async () => {
    text = await writtenText();
  });
  after(removeTempFolders);

  it('is short, and names the version that it is for', () => {
    const { version } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as { version: string };
    assert.ok(text.split('\n').length <= 150);
    assert.ok(text.includes(`It fits Tenfold ${version}`));
  });

  it('shows resources that are valid, and a function whose test passes', async () => {
    const folder = tempFolder({ 'package.json': '{ "type": "module" }' });
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(join(repository, 'sdk'), join(folder, 'node_modules', 'tenfold'));
    for (const name of ['functions', 'test']) mkdirSync(join(folder, name));
    const [, yaml = ''] = /^```yaml\n([\s\S]*?)^```$/m.exec(text) ?? [];
    writeFileSync(join(folder, 'app.yaml'), yaml);
    const sources = [...text.matchAll(/^```ts\n(\/\/ (\S+)\n[\s\S]*?)^```$/gm)];
    for (const [, source = '', name = ''] of sources) writeFileSync(join(folder, name), source);

    const { problems } = await validateDirectory(folder);
    assert.deepEqual(
      problems.map(({ message }) => message),
      [],
    );
    const child = spawn(process.execPath, ['--test', 'test/*.test.ts'], {
      cwd: folder,
      env: { ...process.env, NODE_OPTIONS: '--conditions=tenfold-source' },
    });
    const [stdout, stderr] = [collect(child, 'stdout'), collect(child, 'stderr')];
    const [code] = await once(child, 'close');
    assert.equal(code, 0, stdout() + stderr());
    assert.match(stdout(), /pass 1\b/);
  });

  it('names pages that the package has', () => {
    const named = [...text.matchAll(/`node_modules\/@tenfold\/cli\/([^`]+)`/g)].map(([, path = '']) => path);
    assert.ok(named.length > 3);
    assert.deepEqual(
      named.filter(path => !existsSync(join(repository, path))),
      [],
    );
  });

  it('names commands and scripts that there are', () => {
    const reference = readFileSync(join(repository, 'docs/cli.md'), 'utf8');
    const commands = [...text.matchAll(/`npx tenfold ([a-z]+)/g)].map(([, name = '']) => name);
    assert.ok(commands.length > 8);
    assert.deepEqual(
      commands.filter(name => !reference.includes(`### \`tenfold ${name}`)),
      [],
    );
  });
});
