// This checkout against an earlier one: what a request and an event cost on the hot paths,
// rounds interleaved on one core.
// `--before FOLDER`: the earlier checkout, with `npm ci` done in it and in its bench/, and `node
// scripts/build.ts sdk runtime` in both.
// `--seconds 1 --rounds 3 --events 20000` for a quick look.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { order } from '../functions/runtime/payload.mjs';
import { makeToken } from '../gateway/gateway-proxy/token.ts';
import { load, toRequest } from '../measure/load.ts';
import { median, publish, toTable } from '../measure/report.ts';
import { canPin, pinSelf, type ServerProcess, startServer } from '../measure/server-process.ts';

const here = join(import.meta.dirname, '../..');
const { values } = parseArgs({
  options: {
    before: { type: 'string', default: '' },
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '9' },
    events: { type: 'string', default: '100000' },
    connections: { type: 'string', default: '32' },
  },
});
if (values.before === '') {
  process.stdout.write('Left out: --before names no earlier checkout.\n');
  process.exit(0);
}
const trees = { before: values.before, after: here };
type Tree = keyof typeof trees;
const SIDES = ['before', 'after'] as const satisfies readonly Tree[];
const rounds = Number(values.rounds);
const durationMs = Number(values.seconds) * 1000;
const flags = ['--conditions=tenfold-source', '--disable-warning=ExperimentalWarning'];

/** A file of the benches, in whatever folder of bench/ that version keeps it. */
function find(tree: Tree, file: string): string {
  const folders = ['', 'gateway', 'events', 'functions'].map(folder => join(trees[tree], 'bench', folder, file));
  const found = folders.find(existsSync);
  if (found === undefined) throw new Error(`${trees[tree]} has no ${file} in bench/.`);
  return found;
}

interface Subject {
  readonly request: Buffer;
  start(tree: Tree): Promise<ServerProcess>;
}

pinSelf(0);
process.setMaxListeners(0);
const { token, jwks } = await makeToken();
const upstream = await startServer([find('after', 'gateway-proxy/upstream.mjs')], 0, here);
const backends = await startServer([find('after', 'gateway-aggregate/backends.mjs')], 0, here);
const env = {
  NODE_ENV: 'production',
  UPSTREAM: `http://127.0.0.1:${upstream.port}`,
  BACKENDS: `http://127.0.0.1:${backends.port}`,
  JWKS: jwks,
};

/** A gateway of the benches, which reads what it serves from the environment. */
const gateway =
  (file: string, more: NodeJS.ProcessEnv = {}) =>
  (tree: Tree) => {
    const path = find(tree, file);
    // Where it was when each bench stood beside the folder of its servers.
    return startServer([...flags, path], 1, dirname(dirname(path)), { ...env, ...more });
  };
const runtime = (tree: Tree) => {
  const fn = find(tree, 'runtime/tenfold-function.mjs');
  return startServer([join(trees[tree], 'dist/runtime/main.js'), fn], 1, dirname(fn), env);
};
const authorized = [`authorization: Bearer ${token}`];
const shop = toRequest('GET', '/shop/r37/17', undefined, authorized);
const subjects: Readonly<Record<string, Subject>> = {
  'proxy, plain': { request: shop, start: gateway('gateway-proxy/tenfold.ts', { ASPECTS: '' }) },
  'proxy, JWT, rate limit, access log, metrics': {
    request: shop,
    start: gateway('gateway-proxy/tenfold.ts', { ASPECTS: 'jwt,rate limit,access log,metrics' }),
  },
  'cached route, hit': { request: toRequest('GET', '/shop/menu'), start: gateway('gateway-cache/tenfold.ts') },
  'aggregate of three parts': {
    request: toRequest('GET', '/invoices/1'),
    start: gateway('gateway-aggregate/tenfold.ts'),
  },
  'function, GET': { request: toRequest('GET', '/'), start: runtime },
  'function, POST of 200 bytes': {
    request: toRequest('POST', '/', JSON.stringify(order)),
    start: runtime,
  },
};

/** CPU of each side, µs a request, a sample for each round. */
type Samples = Readonly<Record<Tree, number[]>>;

/** Rounds before the first that counts: the compilers need some ten thousand requests. */
const WARM_UP = 3;
async function measure({ request, start }: Subject): Promise<Samples> {
  const samples: Samples = { before: [], after: [] };
  const servers = { before: await start('before'), after: await start('after') };
  // The first answer of a cached route is longer, as it says that it was filled then.
  for (const side of SIDES) await load({ port: servers[side].port, connections: 1, durationMs: 0, request });
  const connections = Number(values.connections);
  for (let round = -WARM_UP; round < rounds; round++) {
    // Neither side is always the first.
    for (const side of round % 2 === 0 ? SIDES : SIDES.toReversed()) {
      const { port, cpuMs } = servers[side];
      const before = cpuMs();
      const { requests } = await load({ port, connections, durationMs, request });
      if (round >= 0) samples[side].push(((cpuMs() - before) * 1000) / requests);
    }
  }
  for (const side of SIDES) servers[side].stop();
  return samples;
}

async function measureDispatch(failing: number): Promise<Samples> {
  const samples: Samples = { before: [], after: [] };
  const server = await startServer([find('after', 'dispatch/function.mjs')], 0, here);
  const settings = { consumer: 'dispatcher', events: Number(values.events), failing, poisoned: false, pace: 0 };
  const options = JSON.stringify({ ...settings, url: `http://127.0.0.1:${server.port}` });
  for (let round = 0; round < rounds; round++) {
    for (const side of round % 2 === 0 ? SIDES : SIDES.toReversed()) {
      const pin = canPin ? ['taskset', '-c', '1'] : [];
      const [program = '', ...args] = [...pin, process.execPath, ...flags, find(side, 'dispatch/run.ts'), options];
      const { cpuUs }: { cpuUs: number } = JSON.parse(execFileSync(program, args, { encoding: 'utf8' }));
      samples[side].push(cpuUs);
    }
  }
  server.stop();
  return samples;
}

const rows: string[][] = [];
function add(name: string, samples: Samples): void {
  const { before, after } = samples;
  const ratios = after.map((cpu, round) => cpu / (before[round] ?? cpu)).sort((one, other) => one - other);
  const part = (share: number) => (ratios[Math.round(share * (ratios.length - 1))] ?? 1).toFixed(2);
  const ratio = (median(after) / median(before)).toFixed(2);
  rows.push([name, median(before).toFixed(1), median(after).toFixed(1), ratio, `${part(0.25)} to ${part(0.75)}`]);
  process.stdout.write(`${name}: ${ratio}\n`);
}
for (const [name, subject] of Object.entries(subjects)) add(name, await measure(subject));
upstream.stop();
backends.stop();
add('dispatcher, an event', await measureDispatch(0));
add('dispatcher, an event, 1% fail once', await measureDispatch(0.01));

const versionOf = (tree: Tree) =>
  execFileSync('git', ['rev-parse', '--short=8', 'HEAD'], { cwd: trees[tree], encoding: 'utf8' }).trim();
publish('two-versions', 'Two versions of the hot paths', [
  `Commit ${versionOf('before')} against ${versionOf('after')}: CPU of the server, or of the consumer with its log, ${canPin ? 'on a core of its own' : 'not pinned'}, the load on the other. Medians of ${rounds} rounds, in which both take turns; the last column has the middle half of the ratios of single rounds. Servers are those of the other benches (\`gateway-proxy\`, \`gateway-cache\`, \`gateway-aggregate\`, \`runtime\`, \`dispatch\`).`,
  toTable(['', 'before, µs', 'after, µs', 'ratio', 'rounds'], rows),
]);
process.exit(0);
