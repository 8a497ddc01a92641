// Effects on clients when the plan changes under load: the platform with 500 routes follows a file
// that is written anew, again and again. `--changes 3` for a quick look.
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { toRequest } from '../measure/load.ts';
import { median, publish, toTable } from '../measure/report.ts';
import { canPin, pinSelf, startServer } from '../measure/server-process.ts';
import { type Observation, observe } from './gateway-plan-change/observe.ts';
import { measureStages } from './gateway-plan-change/stages.ts';
import { shopYaml } from './gateway-proxy/shop.ts';

const here = dirname(fileURLToPath(import.meta.url));
const { values } = parseArgs({
  options: {
    changes: { type: 'string', default: '10' },
    rate: { type: 'string', default: '1000' },
    routes: { type: 'string', default: '500' },
  },
});
const routes = Number(values.routes);
const changes = Number(values.changes);
/**
 * From one change to the next. The first half of it belongs to the change, the
 * second shows how it is without.
 */
const PERIOD_MS = 4_000;
const WARM_UP_MS = 4_000;
const MAX_DISTURBED_MS = 100;

const directory = mkdtempSync(join(tmpdir(), 'tenfold.gateway-plan-change-'));
process.once('exit', () => rmSync(directory, { recursive: true, force: true }));

pinSelf(0);
const upstream = await startServer(['gateway-proxy/upstream.mjs'], 0, here);
/** Every route changes with each plan, so that nothing of the last one can be kept. */
function yamlOf(number: number): string {
  const each = `, response: { headers: { set: { x-plan: '${number}' } } }`;
  return shopYaml({ routes, upstream: `http://127.0.0.1:${upstream.port}`, each });
}
function writePlan(number: number): void {
  const yaml = yamlOf(number);
  // In one piece, as an editor or a volume of Kubernetes does it.
  writeFileSync(join(directory, '.app.new'), yaml);
  renameSync(join(directory, '.app.new'), join(directory, 'app.yaml'));
}
writePlan(0);
const gateway = await startServer(
  ['--conditions=tenfold-source', '--disable-warning=ExperimentalWarning', 'gateway-plan-change/tenfold.ts'],
  1,
  here,
  { NODE_ENV: 'production', DIRECTORY: directory },
);

const requests = Array.from({ length: routes }, (_, index) => toRequest('GET', `/shop/r${index}/17`));
const observer = observe({ port: gateway.port, perSecond: Number(values.rate), connections: 64, requests });
await sleep(WARM_UP_MS);
const changedAt: number[] = [];
for (let number = 1; number <= changes; number++) {
  changedAt.push(performance.now());
  writePlan(number);
  await sleep(PERIOD_MS);
}
await observer.stop();
for (const { stop } of [gateway, upstream]) stop();

const { yamlMs, schemaMs, referencesMs, compileMs } = measureStages(yamlOf, 9);
const ms = (value: number) => value.toFixed(0);

const begin = changedAt[0] ?? 0;
const all = observer.observations.filter(({ at }) => at >= begin).toSorted((one, other) => one.at - other.at);
const quantile = (list: readonly Observation[], share: number) => {
  const sorted = list.map(({ tookMs }) => tookMs).sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
};
const between = (from: number, to: number) => all.filter(({ at }) => at >= from && at < to);
const calm = changedAt.flatMap(at => between(at + PERIOD_MS / 2, at + PERIOD_MS));
const during = changedAt.flatMap(at => between(at, at + PERIOD_MS / 2));
const failed = all.filter(({ plan }) => plan === undefined).length;
const limit = 2 * quantile(calm, 0.99);

/**
 * The disturbed time among the requests due in a change's half: from the first that took too long
 * to the end of the last.
 */
const disturbed = changedAt.map(at => {
  const slow = between(at, at + PERIOD_MS / 2).filter(({ tookMs }) => tookMs > limit);
  const first = slow[0]?.at;
  return first === undefined ? 0 : Math.max(...slow.map(one => one.at + one.tookMs)) - first;
});
const inForce = changedAt.map((at, index) => {
  const first = all.find(({ plan }) => Number(plan) === index + 1);
  if (first === undefined) throw new Error(`plan ${index + 1} never answered`);
  return first.at + first.tookMs - at;
});
const row = (name: string, list: readonly Observation[]) => [
  name,
  list.length.toLocaleString('en'),
  ...[0.5, 0.99, 0.999, 1].map(share => quantile(list, share).toFixed(2)),
];
const longest = Math.max(...disturbed);
const verdict = (what: string, holds: boolean) => `- ${holds ? 'met' : '**not met**'}: ${what}`;
publish('gateway-plan-change', 'The plan changes under load', [
  `The whole platform with ${routes} routes in ${Math.ceil(routes / 250)} Apis, every route changed by writing the file anew, ${changes} times, one each ${PERIOD_MS / 1000} s. ${values.rate} requests/s over all routes on 64 connections, each timed from when it was due; platform ${canPin ? 'pinned to one core; load and upstream on the other' : 'not pinned'}.`,
  toTable(
    ['', 'requests', 'p50 ms', 'p99 ms', 'p99.9 ms', 'longest ms'],
    [row(`the ${PERIOD_MS / 2000} s from a change on`, during), row('the rest', calm)],
  ),
  `From writing the file to the first answer of the new plan: median ${median(inForce).toFixed(0)} ms, longest ${Math.max(...inForce).toFixed(0)} ms. Requests that took more than twice the p99 of the rest came within: median ${median(disturbed).toFixed(0)} ms, longest ${longest.toFixed(0)} ms.`,
  `By themselves, warm, the stages of a change take ${ms(yamlMs)} ms of CPU for the YAML, ${ms(schemaMs)} ms for the schemas, ${ms(referencesMs)} ms for references and ${ms(compileMs)} ms for the plan; the code is colder in a process that changes its plan now and then. They run on the thread that serves, one after the other, so that requests wait for their sum: a bar below it needs the reading of YAML on another thread. Plans change whole, and only files that changed are read again.`,
  [
    verdict(`0 failed requests: ${failed}`, failed === 0),
    verdict(
      `above 2× p99 (${limit.toFixed(1)} ms) for at most ${MAX_DISTURBED_MS} ms: ${longest.toFixed(0)} ms`,
      longest <= MAX_DISTURBED_MS,
    ),
  ].join('\n'),
]);
process.exit(0);
