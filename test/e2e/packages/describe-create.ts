// `npm create tenfold` as people type it, with the package as it ships.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { templateNames } from '../../../cli/init/application-templates.ts';
import { collect } from '../../cli/run-cli.ts';
import { root } from '../platform-process.ts';
import { type Packages, run } from './npm.ts';

const OLDER =
  'data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"20.19.0"}})';

export function describeCreate(packages: () => Packages): void {
  /** In an empty folder of its own, unless one is named. */
  async function create(words: readonly string[], name: string) {
    const { folder, npm } = packages();
    const cwd = join(folder, name);
    mkdirSync(cwd, { recursive: true });
    const child = spawn('npm', ['create', 'tenfold@latest', ...words], {
      cwd,
      env: { ...process.env, NO_COLOR: '1', ...npm },
    });
    const [stdout, stderr] = [collect(child, 'stdout'), collect(child, 'stderr')];
    const [code] = await once(child, 'close');
    return { code, cwd, stdout: stdout(), stderr: stderr() };
  }

  it('begin an application with npm create, in a folder that it names or in this one', async () => {
    const named = await create(['my-app', '--', '--template', 'queue'], 'named');
    assert.equal(named.code, 0, named.stderr);
    assert.match(
      named.stderr,
      /Written to my-app:\n\nNext:\n {2}\$ cd my-app\n {2}\$ npm install\n {2}\$ npm test\n {2}\$ npm run dev\n/,
    );
    assert.match(readFileSync(join(named.cwd, 'my-app/app.yaml'), 'utf8'), /^kind: Queue$/m);
    const here = await create([], 'here');
    assert.equal(here.code, 0, here.stderr);
    assert.match(here.stderr, /Written to \.:\n\nNext:\n {2}\$ npm install\n/);
    // What `tenfold init` of the same version writes, byte by byte.
    const other = join(packages().folder, 'by-init/here');
    mkdirSync(other, { recursive: true });
    const tenfold = join(packages().folder, 'shop/node_modules/@tenfold/cli/dist/cli/main.js');
    await run(process.execPath, [tenfold, 'init'], other);
    const files = readdirSync(other, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile());
    assert.ok(files.length > 10);
    for (const { parentPath, name } of files) {
      const path = join(parentPath, name);
      assert.equal(readFileSync(path.replace(other, here.cwd), 'utf8'), readFileSync(path, 'utf8'));
    }
  });

  it('refuse files that are in the way, with what to type next', async () => {
    const { code, stderr, cwd } = await create([], 'shop');
    assert.equal(code, 1);
    assert.match(stderr, /already, and nothing was written:\n(.*\n)* {2}app\.yaml\n/);
    assert.match(
      stderr,
      /Next: choose another folder, or overwrite them with "npm create tenfold@latest DIR -- --force"/,
    );
    assert.ok(existsSync(join(cwd, 'app.yaml')));
  });

  it('refuse an unknown template, and an option that npm keeps for itself', async () => {
    const unknown = await create(['app', '--', '--template', 'queu'], 'unknown');
    assert.equal(unknown.code, 2);
    assert.match(unknown.stderr, /'queu' is invalid\. Allowed choices are function, /);
    assert.match(unknown.stderr, /Next: see "npm create tenfold@latest -- --help"\./);
    const kept = await create(['app', '--template', 'queue'], 'kept');
    assert.notEqual(kept.code, 0);
    assert.deepEqual([...readdirSync(unknown.cwd), ...readdirSync(kept.cwd)], []);
    // Newer ones than that of Node.js 24 refuse it themselves.
    if (!kept.stderr.includes('EUNKNOWNCONFIG'))
      assert.match(kept.stderr, /put two dashes before it: "npm create tenfold@latest DIR -- --template NAME"/);
  });

  it('help, with the words that people type', async () => {
    const { code, stdout, cwd } = await create(['--', '--help'], 'help');
    assert.equal(code, 0);
    assert.match(stdout, /Usage: npm create tenfold@latest -- \[options\] \[DIR\]/);
    assert.match(stdout, /\$ npm create tenfold@latest my-shop -- --template queue/);
    for (const name of templateNames) assert.match(stdout, new RegExp(`^ +${name} +\\S`, 'm'));
    assert.deepEqual(readdirSync(cwd), []);
  });

  it('say which Node.js npm create needs, on an older one', async () => {
    const main = join(root, 'create/dist/main.js');
    await assert.rejects(
      run(process.execPath, ['--import', OLDER, main, 'app'], packages().folder),
      ({ code, stderr }: { readonly code: number; readonly stderr: string }) => {
        assert.equal(code, 2);
        assert.match(stderr, /create-tenfold needs Node\.js 24 or newer.*\nNext: install Node\.js 24 from/);
        return true;
      },
    );
  });
}
