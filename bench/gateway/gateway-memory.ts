// The gateway's memory: with 1,000 idle clients that keep their connections, and while gigabytes
// are streamed through both ways.
// 10 GB each way; `--quick` for 1 GB.
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { YOUNG_GENERATION } from '../../cli/lean-heap.ts';
import { load, toRequest } from '../measure/load.ts';
import { median, publish, toTable } from '../measure/report.ts';
import { startServer } from '../measure/server-process.ts';
import { buildGateway } from './gateway-memory/build.ts';
import { download, openIdle, upload } from './gateway-memory/clients.ts';
import { rssOf, watchRss } from './gateway-memory/rss.ts';

const here = dirname(fileURLToPath(import.meta.url));
const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });
const GIGABYTES = values.quick ? 1 : 10;
const CLIENTS = 1_000;
const MAX_RSS_MB = 120;
/**
 * The last tenth of a stream may use so much more than the first: collectors work in steps of some
 * megabytes.
 */
const FLAT = 1.1;
/**
 * A request with a body must be done within the timeout of its route, so that
 * the way up takes several.
 */
const UPLOAD_MB = 256;

const upstream = await startServer(['gateway-memory/upstream.mjs'], 0, here);
/** The costs of Node and its connections, without any code of ours. */
const bare = await startServer([YOUNG_GENERATION, 'gateway-cache/empty.mjs'], 1, here);
const bareStarted = rssOf(bare.pid);
const bareIdle = await openIdle(bare.port, CLIENTS, toRequest('GET', '/'));
await sleep(2_000);
const bareWithIdle = rssOf(bare.pid);
for (const socket of bareIdle) socket.destroy();
bare.stop();
const gateway = await startServer([YOUNG_GENERATION, await buildGateway(here)], 1, here, {
  NODE_ENV: 'production',
  ASPECTS: 'metrics',
  UPSTREAM: `http://127.0.0.1:${upstream.port}`,
  EACH: ', request: { maxBody: 1Gi }',
});
const { port, pid } = gateway;

const perClient = (before: number, after: number) => `${(((after - before) * 1024) / CLIENTS).toFixed(0)} KB each`;
const rows: string[][] = [];
const started = rssOf(pid);
rows.push(['an empty node:http server, just started', bareStarted.toFixed(0), '']);
rows.push([`the same with ${CLIENTS} idle clients`, bareWithIdle.toFixed(0), perClient(bareStarted, bareWithIdle)]);
rows.push(['the gateway, just started', started.toFixed(0), '']);
const idle = await openIdle(port, CLIENTS, toRequest('GET', '/shop/r1/small'));
await sleep(2_000);
const withIdle = rssOf(pid);
const connected = idle.filter(socket => !socket.destroyed).length;
rows.push([`${connected} idle clients, one request each`, withIdle.toFixed(0), perClient(started, withIdle)]);
await load({ port, connections: 32, durationMs: 5_000, request: toRequest('GET', '/shop/r2/small') });
const afterLoad = rssOf(pid);
rows.push(['the same, after 5 s of full load', afterLoad.toFixed(0), '']);
for (const socket of idle) socket.destroy();

interface Way {
  readonly name: string;
  readonly samples: readonly number[];
}
/** Megabytes each way. */
const eachMb = GIGABYTES * 1024;
const expect = (bytes: number, megabytes: number) => {
  if (bytes !== megabytes * 1024 * 1024) throw new Error(`${bytes} bytes came of ${megabytes} MB`);
};
const ways: Way[] = [
  {
    name: `${eachMb / 1024} GB down, in one answer`,
    samples: await watchRss(pid, async () => expect(await download(port, `/shop/r3/stream-${eachMb}`), eachMb)),
  },
  {
    name: `${eachMb / 1024} GB up, in requests of ${UPLOAD_MB} MB`,
    samples: await watchRss(pid, async () => {
      for (let sent = 0; sent < eachMb; sent += UPLOAD_MB)
        expect(await upload(port, '/shop/r4/upload', UPLOAD_MB), UPLOAD_MB);
    }),
  },
];
for (const { stop } of [gateway, upstream]) stop();

/** The very first samples show how the buffers come to their size. */
const tenth = ({ samples }: Way, which: number) => {
  const length = Math.max(1, Math.floor(samples.length / 10));
  return median(samples.slice(which * length, (which + 1) * length));
};
const growth = (way: Way) => tenth(way, 9) / tenth(way, 1);
for (const way of ways) {
  const figures = `${tenth(way, 1).toFixed(0)} MB in the second tenth, ${tenth(way, 9).toFixed(0)} MB in the last`;
  rows.push([way.name, Math.max(...way.samples).toFixed(0), figures]);
}
const verdict = (what: string, holds: boolean) => `- ${holds ? 'met' : '**not met**'}: ${what}`;
publish('gateway-memory', "The gateway's memory", [
  `Resident memory of the gateway alone, 50 routes, metrics on, with the young generation that tenfold serve sets (${YOUNG_GENERATION}); of streams the most that was seen at 20 samples a second. Bundled as it ships.`,
  toTable(['', 'MB', ''], rows),
  [
    verdict(
      `≤ ${MAX_RSS_MB} MB with ${CLIENTS} idle clients: ${withIdle.toFixed(0)}`,
      withIdle <= MAX_RSS_MB && connected === CLIENTS,
    ),
    `- the floor: an empty node:http server has ${bareWithIdle.toFixed(0)} MB with as many clients, so that ${(withIdle - bareWithIdle).toFixed(0)} MB are the gateway's: its own code and that of zod, ajv, CEL, YAML and prom-client, what they compile to, and the routes.`,
    ...ways.map(way =>
      verdict(
        `flat, at most ${FLAT}× from the second tenth to the last, ${way.name}: ${growth(way).toFixed(2)}×`,
        growth(way) <= FLAT,
      ),
    ),
  ].join('\n'),
]);
process.exit(0);
