// A backlog of a million events: memory while it is drained, and how soon a worker that is started
// anew delivers; and how long a parking log with 10,000 parked keys takes to be taken over.
// `--events 100000` for a quick look.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { YOUNG_GENERATION } from '../../cli/lean-heap.ts';
import { rssOf } from '../gateway/gateway-memory/rss.ts';
import { median, publish, toTable } from '../measure/report.ts';
import { startServer } from '../measure/server-process.ts';

const { values } = parseArgs({
  options: { events: { type: 'string', default: '1000000' }, rounds: { type: 'string', default: '5' } },
});
const events = Number(values.events);
const PARKED = 10_000;
const MAX_RSS_MB = 200;
const MAX_START_MS = 2000;
const MAX_REPLAY_MS = 2000;

// Bundled as it ships: sources whose types Node strips would count that
// tool's memory and time, too.
const cache = join(import.meta.dirname, '../../.cache/bench');
const entry = (name: string) => ({ in: join(import.meta.dirname, name), out: name.replace(/.*\/|\.ts$/g, '') });
await build({
  entryPoints: [entry('dispatch-backlog/worker.ts'), entry('../../drivers/sqlite/thread-main.ts')],
  outdir: cache,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  packages: 'external',
  conditions: ['tenfold-source'],
  logLevel: 'error',
});
const folder = mkdtempSync(join(import.meta.dirname, 'dispatch-backlog/.data-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

interface Worker {
  readonly pid: number;
  /** Milliseconds since 1970 at which it said so. */
  said(what: string): Promise<number>;
  kill(): Promise<void>;
  readonly ended: Promise<void>;
}

function start(task: string, file: string, count: number): Worker {
  const args = ['--disable-warning=ExperimentalWarning', join(cache, 'worker.mjs'), task, join(folder, file)];
  const child: ChildProcess = spawn(
    process.execPath,
    [YOUNG_GENERATION, ...args, join(cache, 'thread-main.mjs'), String(count), url],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let text = '';
  const waiting: (() => void)[] = [];
  child.stdout?.setEncoding('utf8').on('data', chunk => {
    text += chunk;
    for (const look of waiting) look();
  });
  const ended = new Promise<void>(resolve => child.once('exit', () => resolve()));
  return {
    pid: child.pid ?? 0,
    ended,
    said: what =>
      new Promise(resolve => {
        const look = () => {
          const found = new RegExp(`^${what} (.*)$`, 'm').exec(text)?.[1];
          if (found !== undefined) resolve(Number(found));
        };
        waiting.push(look);
        look();
      }),
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

const server = await startServer(['function.mjs'], 0, join(import.meta.dirname, 'dispatch'));
const url = `http://127.0.0.1:${server.port}`;

// The backlog: drained halfway, killed, started again, drained to its end.
await start('fill', 'backlog.db', events).ended;
const rss: number[] = [];
const watch = (pid: number) => setInterval(() => rss.push(rssOf(pid)), 100);
const first = start('drain', 'backlog.db', events / 2);
let clock = watch(first.pid);
const began = await first.said('first');
await first.said('all');
clearInterval(clock);
await first.kill();
const restarted = performance.timeOrigin + performance.now();
const second = start('drain', 'backlog.db', events / 2);
clock = watch(second.pid);
const toFirstMs = (await second.said('first')) - restarted;
const ended = await second.said('settled');
clearInterval(clock);
await second.kill();
const quarter = (at: number) =>
  median(rss.slice(Math.floor((rss.length * at) / 4), Math.floor((rss.length * (at + 1)) / 4)));
const most = Math.max(...rss);

// The parking log.
await start('fill-park', 'parking-log.db', PARKED * 2).ended;
const parking = start('park', 'parking-log.db', PARKED);
await parking.said('parked');
await parking.kill();
const replays: number[] = [];
for (let round = 0; round < Number(values.rounds); round++) {
  const worker = start('replay', 'parking-log.db', PARKED);
  replays.push((await worker.said('replayed')) - (await worker.said('start')));
  await worker.kill();
}
server.stop();
const replayMs = median(replays);

const say = (holds: boolean) => (holds ? 'met' : 'missed');
publish('dispatch-backlog', 'A backlog of a million events, and a parking log with 10,000 parked keys', [
  `Events of 200 bytes in 10,000 keys and 6 partitions, delivered in order of keys, 64 at a time, to a function over HTTP that answers at once; the worker is bundled as it ships, runs with the young generation that tenfold serve sets (${YOUNG_GENERATION}), and is killed halfway. Memory is the resident set of the whole process, its database threads included, ten times a second.`,
  toTable(
    ['', 'measured', 'bar'],
    [
      ['events', events.toLocaleString('en'), ''],
      ['drained in s, with one kill and restart', ((ended - began) / 1000).toFixed(1), ''],
      ['most memory, MB', most.toFixed(0), `${MAX_RSS_MB}: ${say(most <= MAX_RSS_MB)}`],
      ['median of the first and the last quarter, MB', `${quarter(0).toFixed(0)}, ${quarter(3).toFixed(0)}`, 'flat'],
      [
        'killed worker started anew → first delivery, ms',
        toFirstMs.toFixed(0),
        `${MAX_START_MS}: ${say(toFirstMs <= MAX_START_MS)}`,
      ],
      [
        `parking log with ${PARKED.toLocaleString('en')} parked keys taken over, ms`,
        replayMs.toFixed(0),
        `${MAX_REPLAY_MS}: ${say(replayMs <= MAX_REPLAY_MS)}`,
      ],
    ],
  ),
]);
process.exit(0);
