// The same Function as a Deployment and by Knative on one node: a call to it while it sleeps until
// the answer, calls while it is awake, and its pod alone.
// `--rounds 1` for a quick look. Needs root and what `make install-services` installs.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { installKnative } from '../../test/cluster/node/knative.ts';
import type { Node } from '../../test/cluster/node/node.ts';
import { call, installPlatform } from '../../test/cluster/node/platform.ts';
import { buildCli } from '../../test/cluster/operator/operator-process.ts';
import { loadNow } from '../measure/machine.ts';
import { median, publish, toTable } from '../measure/report.ts';
import { tenfold } from './node/hello.ts';
import { openNode } from './node/open-node.ts';
import { podStart, until } from './node/pod-start.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '7' } } });
const rounds = Number(values.rounds);
const WARM_CALLS = 200;
/** Knative sees that nobody calls, and lets the last pod drain for half a minute. */
const ASLEEP_WITHIN_MS = 150_000;
const BENCH = 'bench';
const PROVIDERS = ['deployment', 'knative'] as const;
type Provider = (typeof PROVIDERS)[number];

const folder = await mkdtemp(join(tmpdir(), 'tenfold-bench-knative-'));
const cold: Record<Provider, number[]> = { deployment: [], knative: [] };
const warm: Record<Provider, number[]> = { deployment: [], knative: [] };
const alone: number[] = [];
let node: Node | undefined;
try {
  node = await openNode();
  await installKnative(node);
  const platform = await installPlatform(node);
  const address = await platform.address();
  buildCli();
  await writeFile(join(folder, 'app.yaml'), PROVIDERS.map(application).join('---\n'));
  await writeFile(join(folder, 'hello.mjs'), "import { http } from 'tenfold';\nexport default http(() => 'hello');\n");
  await node.kubectl(['create', 'namespace', BENCH]);
  await tenfold(node, ['apply', folder, '--namespace', BENCH, '--wait', '--timeout', '90s']);
  for (const provider of PROVIDERS)
    await until(() => answers(`${address}/${provider}`), `${provider} answers through the gateway`);
  for (let round = 0; round < rounds; round++) {
    await asleep(node);
    // The first one finds the machine a little quieter.
    for (const provider of round % 2 === 0 ? PROVIDERS : PROVIDERS.toReversed()) {
      const url = `${address}/${provider}`;
      cold[provider].push(await timed(url));
      for (let index = 0; index < WARM_CALLS; index++) warm[provider].push(await timed(url));
    }
    alone.push(await podStart(node, BENCH, 'fn-deployment', answers));
  }
} finally {
  await node?.close();
  await rm(folder, { recursive: true, force: true });
}

const [deployment, knative] = [rowOf('deployment'), rowOf('knative')];
publish('knative', 'From zero by Deployments and by Knative', [
  `The same Function, called through the gateway on one node of Kubernetes 1.35, images present; Knative Serving 1.15.2 as it is installed. ${rounds} rounds, of which each begins when both have no pod; then ${WARM_CALLS} calls one after the other to each.`,
  toTable(
    ['', 'least, ms', 'median, ms', 'most, ms', 'awake: median, ms', 'awake: p99, ms'],
    [
      ['Deployment, woken by our gateway', ...deployment],
      ['Knative', ...knative],
      ['a pod of it alone, from a Deployment scaled to 1 to an answer', ...threeOf(alone), '', ''],
    ],
  ),
  "Knative's parts are its own but for the ingress, which is that of the tests (`test/cluster/knative/ingress`) in the place of Kourier.",
  loadNow(),
]);

function rowOf(provider: Provider): string[] {
  const sorted = warm[provider].toSorted((a, b) => a - b);
  const p99 = sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN;
  return [...threeOf(cold[provider]), median(sorted).toFixed(1), p99.toFixed(1)];
}

function threeOf(took: readonly number[]): string[] {
  return [Math.min(...took), median(took), Math.max(...took)].map(ms => Math.round(ms).toLocaleString('en'));
}

/** Milliseconds to the answer. */
async function timed(url: string): Promise<number> {
  const began = performance.now();
  const { status, body } = await call('GET', url);
  if (status !== 200) throw new Error(`${url} answered ${status}: ${JSON.stringify(body)}`);
  return performance.now() - began;
}

async function answers(url: string): Promise<boolean> {
  return await call('GET', url).then(
    ({ status }) => status === 200,
    () => false,
  );
}

/** Waits until both have no pod, and are known to have none. */
async function asleep({ client }: Node): Promise<void> {
  const replicasOf = async (provider: Provider) => {
    const path = `/apis/tenfold.dev/v1alpha1/namespaces/${BENCH}/functions/${provider}`;
    return (await client.request('GET', path)).body.status.replicas;
  };
  const none = async () => {
    const pods = await client.request('GET', `/api/v1/namespaces/${BENCH}/pods`);
    const replicas = await Promise.all(PROVIDERS.map(replicasOf));
    return pods.body.items.length === 0 && replicas.every(count => count === 0);
  };
  await until(none, 'both sleep', ASLEEP_WITHIN_MS);
}

function application(provider: Provider): string {
  return `apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: ${provider} }
spec: { source: ./hello.mjs, provider: ${provider}, scale: { min: 0, max: 1, idle: 6s } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: ${provider} }
spec: { routes: [{ match: { method: GET, path: /${provider} }, to: { function: ${provider} } }] }
`;
}
