// The chart on a real node of Kubernetes: the time until it is ready, until a Function answers and
// until a sleeping one does, and its costs while nothing happens. `--rounds 1 --idle 20` for a
// quick look. Needs root and what `make install-services` installs.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Node } from '../../test/cluster/node/node.ts';
import { call, installPlatform, loadImages, type Platform } from '../../test/cluster/node/platform.ts';
import { buildCli } from '../../test/cluster/operator/operator-process.ts';
import { loadNow } from '../measure/machine.ts';
import { median, publish, toTable } from '../measure/report.ts';
import { watchColdStart } from './node/cold-start.ts';
import { applicationOf, IMAGE, loadHello, tenfold, writeHello } from './node/hello.ts';
import { openNode } from './node/open-node.ts';
import { podStart, until } from './node/pod-start.ts';
import type { Usage } from './node/usage.ts';
import { watchIdle } from './node/watch-idle.ts';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, idle: { type: 'string', default: '60' } },
});
const rounds = Number(values.rounds);
const ASLEEP_WITHIN_MS = 120_000;
const BENCH = 'bench';
const CPU = 'their CPU while nothing happens, cores';

const folder = await mkdtemp(join(tmpdir(), 'tenfold-bench-cluster-'));
const timed = async (work: () => Promise<unknown>) => {
  const began = performance.now();
  await work();
  return performance.now() - began;
};

let node: Node | undefined;
try {
  const began = performance.now();
  node = await openNode();
  const nodeMs = performance.now() - began;
  await loadImages(node);
  buildCli();
  await loadHello(node, folder);
  const { platform, installs } = await installOften(node);
  const address = await platform.address();
  const { first, later: idle, threads } = await watchIdle(node, platform.namespace, Number(values.idle));
  await node.kubectl(['create', 'namespace', BENCH]);
  const found = { applied: [] as number[], sourced: [] as number[], pod: [] as number[] };
  /** The steps of each round, by name and milliseconds since the request; the answer comes last. */
  const cold: [name: string, ms: number][][] = [];
  for (let round = 0; round < rounds; round++) {
    found.applied.push(await applyImage(node, address, `image-${round}`));
    found.sourced.push(await applySource(node, address, `source-${round}`));
    await asleep(node, `image-${round}`);
    const name = `image-${round}`;
    const steps = await watchColdStart(node, BENCH, name, () => answered(`${address}/${name}`));
    cold.push([...steps]);
    found.pod.push(await podStart(node, BENCH, `fn-image-${round}`, answers));
    await node.kubectl(['delete', 'functions,apis', '--all', `--namespace=${BENCH}`]);
  }
  const ms = (list: readonly number[]) => {
    const middle = Math.round(median(list));
    // The answer may come before it is said that it can.
    return middle === Number.POSITIVE_INFINITY ? 'not before the answer' : middle.toLocaleString('en');
  };
  const cores = (usage: Usage) => usage.cores.toFixed(4);
  const said = (holds: boolean) => (holds ? 'met' : 'missed');
  const { applied, sourced, pod } = found;
  const answeredMs = cold.map(steps => steps.at(-1)?.[1] ?? Number.NaN);
  const overPod = median(answeredMs.map((ms, round) => ms - (pod[round] ?? 0)));
  const rows = [
    ['`helm install --wait`, namespace included, ms', ms(installs), '30,000', said(median(installs) <= 30_000)],
    ['`kubectl apply` of a Function until its first 200, ms', ms(applied), '5,000', said(median(applied) <= 5000)],
    ['`tenfold apply` of one from its source until its first 200, ms', ms(sourced), '', ''],
    ['its pod alone, from a Deployment scaled to 1 to an answer, ms', ms(pod), '', ''],
    ['a request to a Function that sleeps until its answer, ms', ms(answeredMs), '', ''],
    ['of that more than the pod, round by round, ms', ms([overPod]), '200', said(overPod <= 200)],
    // One that serves, and an operator.
    ['pods of the installation', String(idle.pods), '2', said(idle.pods <= 2)],
    ['their memory (working set), MB', (idle.bytes / 1e6).toFixed(0), '250', said(idle.bytes <= 250e6)],
    [`${CPU}: right after the start`, cores(first), '0.02', said(first.cores <= 0.02)],
    [`${CPU}: two minutes later`, cores(idle), '0.02', said(idle.cores <= 0.02)],
  ];
  publish('cluster', 'The chart on a node of Kubernetes', [
    `Kubernetes 1.35 on this machine, etcd to kubelet, ready after ${Math.round(nodeMs / 1000)} s; images present, default values of the chart. Median of ${rounds} rounds; idle over ${values.idle} s, the first of which begin when the kubelet looks for the first time after \`helm install --wait\` (it looks each 10 to 20 s).`,
    toTable(['', 'measured', 'bar', ''], rows),
    toTable(
      ['a cold start: seen since the request', 'ms'],
      (cold[0] ?? []).map(([step], index) => [step, ms(cold.map(steps => steps[index]?.[1] ?? 0))]),
    ),
    threads,
    loadNow(),
  ]);
} finally {
  await node?.close();
  await rm(folder, { recursive: true, force: true });
}

/** As often as there are rounds; the last one stays. */
async function installOften(on: Node): Promise<{ readonly platform: Platform; readonly installs: number[] }> {
  const installs: number[] = [];
  for (let round = 1; ; round++) {
    const began = performance.now();
    const platform = await installPlatform(on);
    installs.push(performance.now() - began);
    if (round === rounds) return { platform, installs };
    await platform.uninstall();
    await on.kubectl(['delete', 'namespace', platform.namespace]);
  }
}

function applyImage(on: Node, address: string, name: string): Promise<number> {
  return timed(async () => {
    await on.kubectl(['apply', `--namespace=${BENCH}`, '-f', '-'], applicationOf(name, { image: IMAGE }));
    await until(async () => (await call('GET', `${address}/${name}`)).status === 200, `${name} answers`);
  });
}

async function applySource(on: Node, address: string, name: string): Promise<number> {
  await writeHello(folder, name);
  return timed(async () => {
    await tenfold(on, ['apply', folder, '--namespace', BENCH, '--application', name]);
    await until(async () => (await call('GET', `${address}/${name}`)).status === 200, `${name} answers`);
  });
}

/** Its Deployment has no pod any more, and neither has the node. */
async function asleep({ client }: Node, name: string): Promise<void> {
  const deployment = `/apis/apps/v1/namespaces/${BENCH}/deployments/fn-${name}`;
  const pods = `/api/v1/namespaces/${BENCH}/pods?labelSelector=tenfold.dev/function%3D${name}`;
  const none = async () =>
    (await client.request('GET', deployment)).body.spec?.replicas === 0 &&
    (await client.request('GET', pods)).body.items.length === 0;
  await until(none, `${name} sleeps`, ASLEEP_WITHIN_MS);
}

async function answered(url: string): Promise<void> {
  const { status, body } = await call('GET', url);
  if (status !== 200) throw new Error(`${url} answered ${status}: ${JSON.stringify(body)}`);
}

async function answers(url: string): Promise<boolean> {
  return await call('GET', url).then(
    () => true,
    () => false,
  );
}
