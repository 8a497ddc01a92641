// Cold start: from spawn to the first 200, against raw node:http. Needs `node
// scripts/build.ts sdk runtime`.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { permissionFlags } from '../../drivers/function-host/local/permission-flags.ts';
import { createReach } from '../../drivers/function-host/local/reach.ts';
import { median, publish, toTable } from '../measure/report.ts';
import { freePort } from '../measure/server-process.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '21' } } });
const RETRY_MS = 0.5;
const LIMIT_MS = 10_000;
/** Longer than the runtime waits before it keeps what was compiled. */
const CACHE_WRITTEN_MS = 800;

const folder = mkdtempSync(join(tmpdir(), 'tenfold-cold-'));
const cache = join(folder, 'cache');
const source = "import { http } from 'tenfold';\nexport default http(async request => ({ path: request.path }));\n";
writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
writeFileSync(join(folder, 'fn.mjs'), source);
writeFileSync(join(folder, 'fn.ts'), source.replace('request =>', '(request): Promise<object> =>'));
writeFileSync(join(folder, 'raw.mjs'), rawServer("import { createServer } from 'node:http';"));
writeFileSync(join(folder, 'raw.cjs'), rawServer("const { createServer } = require('node:http');"));
symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));

const bundled = join(root, 'dist/runtime/main.js');
/** As `tenfold serve` holds functions to their application. */
const reach = createReach({
  application: folder,
  kept: [join(folder, '.tenfold')],
  runtime: ['dist/runtime', 'dist/sdk', 'package.json'].map(path => join(root, path)),
  own: () => [cache],
});
const held = permissionFlags(
  reach({
    ...{ name: 'fn', namespace: 'default', run: { by: 'source', file: join(folder, 'fn.ts') }, env: {} },
    ...{ concurrency: 50, minInstances: 0, maxInstances: 1, timeoutMs: 29_000, maxBodyBytes: 1024, idleMs: 60_000 },
  }),
);
const fromSource = join(root, 'runtime/main.ts');
const cases: ReadonlyArray<readonly [name: string, args: readonly string[], env: Readonly<Record<string, string>>]> = [
  ['raw node:http, ES module', ['raw.mjs'], {}],
  ['raw node:http, CommonJS', ['raw.cjs'], {}],
  ['bundled runtime, function in JavaScript', [bundled, 'fn.mjs'], {}],
  ['bundled runtime, function in TypeScript', [bundled, 'fn.ts'], {}],
  ['bundled runtime, function in TypeScript, compile cache', [bundled, 'fn.ts'], { NODE_COMPILE_CACHE: cache }],
  ['the same, without compile cache, held to its application', [...held, bundled, 'fn.ts'], {}],
  ['the same, with both', [...held, bundled, 'fn.ts'], { NODE_COMPILE_CACHE: cache }],
  ['runtime from its own TypeScript source', [fromSource, 'fn.ts'], {}],
  ['runtime from its own TypeScript source, compile cache', [fromSource, 'fn.ts'], { NODE_COMPILE_CACHE: cache }],
];

const samples = new Map<string, number[]>();
for (let round = 0; round <= Number(values.rounds); round++) {
  for (const [name, args, env] of cases) {
    const ms = await start(args, env, round === 0 && 'NODE_COMPILE_CACHE' in env);
    // Round 0 warms the disk's cache, and fills the compile cache.
    if (round > 0) samples.set(name, [...(samples.get(name) ?? []), ms]);
  }
}
rmSync(folder, { recursive: true });

const raw = median(samples.get(cases[0]?.[0] ?? '') ?? []);
const rows = cases.map(([name]) => {
  const all = samples.get(name) ?? [];
  const difference = median(all) - raw;
  return [
    name,
    Math.min(...all).toFixed(1),
    median(all).toFixed(1),
    `${difference < 0 ? '−' : '+'}${Math.abs(difference).toFixed(1)}`,
  ];
});
publish('cold-start', 'Cold start: spawn to the first 200', [
  `Median of ${values.rounds} interleaved rounds; a connection is tried every ${RETRY_MS} ms.`,
  toTable(['', 'least, ms', 'median, ms', 'to raw, ms'], rows),
  'Bars: at most raw node:http + 10 ms from bundled JavaScript; at most 100 ms from TypeScript source. An ES module that imports node:http loads all of fetch with it, which the runtime avoids: hence it starts before the raw server.',
]);

async function start(args: readonly string[], env: Readonly<Record<string, string>>, keep: boolean): Promise<number> {
  const port = await freePort();
  const began = performance.now();
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { PATH: process.env['PATH'], PORT: String(port), TENFOLD_HOST: '127.0.0.1', ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = new Promise(resolve => child.on('exit', resolve));
  while (!(await answers(port))) {
    if (performance.now() - began > LIMIT_MS || child.exitCode !== null)
      throw new Error(`${args.join(' ')} does not answer`);
    await new Promise(resolve => setTimeout(resolve, RETRY_MS));
  }
  const ms = performance.now() - began;
  if (keep) await new Promise(resolve => setTimeout(resolve, CACHE_WRITTEN_MS));
  child.kill('SIGKILL');
  await ended;
  return ms;
}

function answers(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1', () =>
      socket.write('GET / HTTP/1.1\r\nHost: bench.test\r\nConnection: close\r\n\r\n'),
    );
    let text = '';
    socket.on('data', chunk => {
      text += chunk;
    });
    socket.on('error', () => resolve(false));
    socket.on('close', () => resolve(text.startsWith('HTTP/1.1 200')));
  });
}

function rawServer(load: string): string {
  return `${load}
createServer((request, response) => {
  const body = JSON.stringify({ path: request.url });
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  response.end(body);
}).listen(Number(process.env.PORT), '127.0.0.1');
`;
}
