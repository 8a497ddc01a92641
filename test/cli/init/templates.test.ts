// Each template of `tenfold init`: valid, typed, tested, and what its README says to type works.
// By day one small template and the one that has all; at night (TENFOLD_NIGHTLY) each of them.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { templateNames } from '../../../cli/init/application-templates.ts';
import { freePorts } from '../../cluster/free-ports.ts';
import { endApplications, startApplication } from '../application.ts';
import { collect, runCli } from '../run-cli.ts';
import { removeTempFolders, tempFolder } from '../temp-folder.ts';
import { until } from '../until.ts';
import { installCheckout, repository, runNode, typeErrors } from './installed.ts';

/** What the commands of its README print, among other things. */
const SHOWN: Readonly<Record<(typeof templateNames)[number], readonly RegExp[]>> = {
  function: [/^\{"greeting":"Ciao, Ada!"\}/, /greeter.*True/, /Hola/],
  topic: [/^HTTP\/1\.1 204/, /OrderCreated/],
  api: [/^\{"v60":450,"cookie":280\}/, /"currency":"EUR"/, /HTTP\/1\.1 201/, /menu-v2/],
  aggregate: [/"offer":"Two cookies for one"/, /"offer":"Come again"/, /"Ada"\s*$/],
  subscription: [/^HTTP\/1\.1 204/, /wall/, /loyalty/, /true\s*$/],
  strangler: [
    /"from":"legacy","path":"\/account"/,
    /"from":"legacy","path":"\/orders\/17"/,
    /"from":"orders","id":"17"/,
  ],
  queue: [/^HTTP\/1\.1 202/, /\{"saved":"17"\}/],
  view: [/^HTTP\/1\.1 201/, /"text":"Lighthouses"/, /"ada"/, /tweets/],
  pipeline: [/^HTTP\/1\.1 204/, /"title":"Front page"/, /"slow":true/, /\/home/],
  'fan-out': [/"succeeded"/, /"tenants":2,"pages":10/],
  all: [
    /^\{"v60":450/,
    /"order":"17","drink":"v60","cents":450/,
    /"tenants":2,"pages":10/,
    /"from":"legacy","path":"\/(cards\/)?ada"/,
    /exports/,
  ],
};

const TRIED = templateNames.filter(
  name => process.env['TENFOLD_NIGHTLY'] !== undefined || name === 'function' || name === 'all',
);

const LEGACY = 'http://127.0.0.1:4600';

/** The commands of the README for another terminal, as a script for the application at `url`. */
function scriptOf(folder: string, url: string): string {
  const blocks = [...readFileSync(join(folder, 'README.md'), 'utf8').matchAll(/```sh\n([\s\S]*?)```/g)];
  const [, commands = assert.fail('The README has no commands.')] = blocks[1] ?? [];
  const cli = [process.execPath, '--conditions=tenfold-source', '--disable-warning=ExperimentalWarning'];
  return [
    'set -euo pipefail',
    'curl() { command curl -sSf "$@"; echo; }',
    `npx() { shift; '${cli.join("' '")}' '${join(repository, 'cli', 'main.ts')}' "$@"; }`,
    commands.replaceAll('http://127.0.0.1:8080', url),
  ].join('\n');
}

describe('init --template', () => {
  const others: ChildProcess[] = [];
  afterEach(() => {
    for (const child of others.splice(0)) child.kill('SIGKILL');
    endApplications();
    removeTempFolders();
  });

  /** Starts what stands for the legacy system, where the template has one. */
  async function startLegacy(folder: string): Promise<void> {
    const file = join(folder, 'app.yaml');
    const text = readFileSync(file, 'utf8');
    if (!text.includes(LEGACY)) return;
    const [port = 0] = await freePorts(1);
    writeFileSync(file, text.replace(LEGACY, `http://127.0.0.1:${port}`));
    const env = { ...process.env, LEGACY_PORT: String(port) };
    const child = spawn(process.execPath, ['legacy/main.ts'], { cwd: folder, env });
    others.push(child);
    const output = collect(child, 'stdout');
    await until('legacy listens', () => /listens/.exec(output())?.[0]);
  }

  for (const name of TRIED) {
    it(`${name}: is valid and typed, its tests pass, and dev answers as its README says`, async () => {
      const parent = tempFolder();
      const made = await runCli(['init', 'app', '--template', name], { cwd: parent });
      assert.equal(made.code, 0, made.stderr);
      const folder = join(parent, 'app');
      installCheckout(folder);

      const valid = await runCli(['validate', '--strict'], { cwd: folder });
      assert.equal(valid.code, 0, valid.stderr);
      const types = await runCli(['types', '--check'], { cwd: folder });
      assert.equal(types.code, 0, types.stderr);
      assert.deepEqual(await typeErrors(folder), []);
      const tests = await runNode(['--test', 'test/*.test.ts'], folder);
      assert.equal(tests.code, 0, tests.output);
      assert.match(tests.output, /pass [1-9]/);

      await startLegacy(folder);
      const { url, end, stdout } = await startApplication(['dev'], folder, /public +(http:\/\/\S+)/);
      const shell = spawn('bash', ['-c', scriptOf(folder, url)], { cwd: folder });
      const [printed, said] = [collect(shell, 'stdout'), collect(shell, 'stderr')];
      const [code] = await once(shell, 'close');
      assert.equal(code, 0, `${printed()}\n${said()}\n${stdout()}`);
      for (const shown of SHOWN[name]) assert.match(printed(), shown);
      assert.equal(await end('SIGINT'), 0);
    });
  }

  it('lists them, and writes nothing', async () => {
    const cwd = tempFolder();
    const { code, stdout } = await runCli(['init', 'app', '--list'], { cwd });
    assert.equal(code, 0);
    for (const name of templateNames) assert.match(stdout, new RegExp(`^ +${name} +\\S`, 'm'));
    assert.equal((await runCli(['init', 'app', '--template', 'queu'], { cwd })).code, 2);
    assert.deepEqual((await runNode(['-p', 'fs.readdirSync(".").length'], cwd)).output.trim(), '0');
  });
});
