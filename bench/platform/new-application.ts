// A new application as its first user meets it: `init`, installing with an empty cache, the first
// answer, and the test. Beside it, what packages of others weigh that people install for the same.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { loadNow } from '../measure/machine.ts';
import { median, publish, toTable } from '../measure/report.ts';

const ROUNDS = 3;
const BARS = { seconds: 30, megabytes: 150, sdkMegabytes: 2, sdkPackages: 3 };
const PEERS = ['@restatedev/restate-sdk@1.17.2', 'wrangler@4.164.0'];
const root = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'tenfold-new-application-'));

function run(program: string, args: readonly string[], cwd: string, cache = 'cache'): void {
  const env = { ...process.env, npm_config_cache: join(folder, cache) };
  execFileSync(program, args, { cwd, env, stdio: ['ignore', 'ignore', 'inherit'] });
}

function seconds(began: number): number {
  return (performance.now() - began) / 1000;
}

interface Weight {
  readonly packages: number;
  readonly megabytes: number;
}

function weightOf(application: string): Weight {
  const modules = join(application, 'node_modules');
  const files = readdirSync(modules, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile());
  const bytes = files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
  const lock = JSON.parse(readFileSync(join(modules, '.package-lock.json'), 'utf8'));
  return { packages: Object.keys(lock.packages).length, megabytes: bytes / 2 ** 20 };
}

/** Installs one package alone. */
function weigh(at: string, dependency: string): Weight {
  const alone = join(folder, at);
  mkdirSync(alone);
  writeFileSync(join(alone, 'package.json'), '{ "private": true, "type": "module" }');
  run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', dependency], alone);
  return weightOf(alone);
}

async function firstAnswer(application: string): Promise<number> {
  const began = performance.now();
  const main = join(application, 'node_modules/@tenfold/cli/dist/cli/main.js');
  const ports = ['--port', '0', '--internal-port', '0', '--admin-port', '0', '--output', 'json'];
  const child: ChildProcess = spawn(process.execPath, [main, 'dev', ...ports], { cwd: application, stdio: 'pipe' });
  const closed = new Promise(done => child.once('close', done));
  try {
    const address = await new Promise<string>((found, gone) => {
      let text = '';
      child.stdout?.setEncoding('utf8').on('data', chunk => {
        text += chunk;
        const address = /"public":"(http:[^"]+)"/.exec(text)?.[1];
        if (address !== undefined) found(address);
      });
      child.once('close', () => gone(new Error(`dev ended before it was ready: ${text}`)));
    });
    const answer = await fetch(`${address}/hello/Ada`);
    if (!answer.ok) throw new Error(`It answered ${answer.status}.`);
    return seconds(began);
  } finally {
    child.kill('SIGINT');
    await closed;
  }
}

interface Round extends Weight {
  readonly steps: readonly number[];
}

async function measure(round: number, tarballs: Readonly<Record<string, string>>): Promise<Round> {
  const application = join(folder, `shop-${round}`);
  let began = performance.now();
  run(process.execPath, [join(root, 'dist/cli/main.js'), 'init', application], folder);
  const init = seconds(began);
  // Until there is a release, the tars take the place of the registry.
  const file = join(application, 'package.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8'));
  Object.assign(manifest.devDependencies, tarballs);
  writeFileSync(file, JSON.stringify(manifest));
  began = performance.now();
  run(
    'npm',
    ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
    application,
    `cache-${round}`,
  );
  const install = seconds(began);
  const answer = await firstAnswer(application);
  began = performance.now();
  run('npm', ['test'], application);
  return { steps: [init, install, answer, seconds(began)], ...weightOf(application) };
}

try {
  const both = ['--workspace', 'tenfold', '--include-workspace-root'];
  run('npm', ['pack', '--silent', ...both, '--pack-destination', folder], root);
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const tarballs = {
    tenfold: `file:${join(folder, `tenfold-${version}.tgz`)}`,
    '@tenfold/cli': `file:${join(folder, `tenfold-cli-${version}.tgz`)}`,
  };
  const rounds: Round[] = [];
  for (let round = 0; round < ROUNDS; round++) rounds.push(await measure(round, tarballs));
  report(rounds, weigh('sdk', tarballs.tenfold));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function report(rounds: readonly Round[], sdk: Weight): void {
  const names = ['`tenfold init`', '`npm install`, cache empty', 'start → first answer', '`npm test`'];
  const totals = rounds.map(({ steps }) => steps.reduce((sum, step) => sum + step, 0));
  const rows = names.map((name, at) => [name, ...rounds.map(({ steps }) => (steps[at] ?? 0).toFixed(1)), '']);
  const verdict = (holds: boolean) => (holds ? 'met' : 'missed');
  const inTime = `≤ ${BARS.seconds}, ${verdict(median(totals) <= BARS.seconds)}`;
  const [first] = rounds;
  if (first === undefined) throw new Error('Nothing was measured.');
  const weightRow = (name: string, { packages, megabytes }: Weight, bar: string) => [
    name,
    String(packages),
    megabytes.toFixed(1),
    bar,
  ];
  const isLight = sdk.megabytes <= BARS.sdkMegabytes && sdk.packages <= BARS.sdkPackages;
  publish('new-application', 'A new application', [
    'Made by `node bench/platform/new-application.ts`, after `make build`. The registry is the one of npm, over the network of this machine.',
    toTable(
      ['seconds', ...rounds.map((_, at) => `round ${at + 1}`), 'bar'],
      [...rows, ['together', ...totals.map(total => total.toFixed(1)), inTime]],
    ),
    toTable(
      ['installed', 'packages', 'MB', 'bar'],
      [
        weightRow(
          'the new application',
          first,
          `≤ ${BARS.megabytes} MB, ${verdict(first.megabytes <= BARS.megabytes)}`,
        ),
        weightRow('`tenfold` alone', sdk, `≤ ${BARS.sdkMegabytes} MB, ≤ ${BARS.sdkPackages}, ${verdict(isLight)}`),
        ...PEERS.map((peer, at) => weightRow(`\`${peer}\` alone`, weigh(`peer-${at}`, peer), '')),
      ],
    ),
    'The application has the compiler and the types of Node.js, too. Neither the peers nor the SDK alone have them.',
    loadNow(),
  ]);
}
