// The chart on a real node of Kubernetes: how long until it is ready, until a Function answers and until one that sleeps does, and what it costs when nothing happens.
// `--rounds 1 --idle 10` for a quick look. Needs root and what `make install-services` installs.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startNode } from '../test/cluster/node/node.ts';
import { call, installPlatform, loadImages, tenfold } from '../test/cluster/node/platform.ts';
import { eventually } from '../test/eventually.ts';
import { usageOf } from './cluster/usage.ts';
import { median, publish, toTable } from './runtime/report.ts';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, idle: { type: 'string', default: '60' } },
});
const rounds = Number(values.rounds);
const ASLEEP_WITHIN_MS = 120_000;
const SOURCE = "import { http } from 'tenfold';\nexport default http(() => ({ hello: 'world' }));\n";

const folder = await mkdtemp(join(tmpdir(), 'tenfold-bench-cluster-'));
const timed = async (work: () => Promise<unknown>) => {
  const began = performance.now();
  await work();
  return performance.now() - began;
};

let node: Awaited<ReturnType<typeof startNode>> | undefined;
try {
  const nodeMs = await timed(async () => {
    node = await startNode();
  });
  if (!node) throw new Error('There is no node.');
  const { kubectl } = node;
  const running = node;
  await loadImages(running);

  const installs: number[] = [];
  for (let round = 1; round < rounds; round++) {
    let platform: Awaited<ReturnType<typeof installPlatform>> | undefined;
    installs.push(
      await timed(async () => {
        platform = await installPlatform(running);
      }),
    );
    await platform?.uninstall();
    await kubectl(['delete', 'namespace', platform?.namespace ?? '']);
  }
  let namespace = '';
  let address = '';
  installs.push(
    await timed(async () => {
      const platform = await installPlatform(running);
      namespace = platform.namespace;
      address = await platform.address();
    }),
  );
  const idle = await usageOf(running, namespace, Number(values.idle));

  const firsts: number[] = [];
  const pods: number[] = [];
  const colds: number[] = [];
  await kubectl(['create', 'namespace', 'bench']);
  for (let round = 0; round < rounds; round++) {
    const name = `hello-${round}`;
    await writeFile(join(folder, 'app.yaml'), application(name));
    await writeFile(join(folder, 'hello.mjs'), SOURCE);
    const answers = async () => (await call('GET', `${address}/${name}`)).status === 200;
    firsts.push(
      await timed(async () => {
        await tenfold(running, ['apply', folder, '--namespace', 'bench', '--application', name]);
        await eventually(answers, `${name} answers`, 60_000);
      }),
    );
    const replicas = () =>
      kubectl(['get', `deployment/fn-${name}`, '--namespace=bench', '--output=jsonpath={.status.replicas}']);
    await eventually(async () => (await replicas()) === '', `${name} sleeps`, ASLEEP_WITHIN_MS);
    await podsGone(name);
    colds.push(await timed(async () => void (await call('GET', `${address}/${name}`))));
    pods.push(await podStart(name));
  }
  const ms = (list: readonly number[]) => Math.round(median(list)).toLocaleString('en');
  const said = (holds: boolean) => (holds ? 'met' : 'missed');
  const overPod = median(colds) - median(pods);
  const rows = [
    ['helm install until Ready, ms', ms(installs), '30,000', said(median(installs) <= 30_000)],
    ['tenfold apply of a Function until its first 200, ms', ms(firsts), '5,000', said(median(firsts) <= 5000)],
    ['start of its pod alone, from the Deployment to the first connection, ms', ms(pods), '', ''],
    ['request to a Function that sleeps until its answer, ms', ms(colds), 'pod + 200', said(overPod <= 200)],
    ['pods that wait for nothing', String(idle.pods), '1', said(idle.pods <= 1)],
    ['their memory (working set), MB', (idle.bytes / 1e6).toFixed(0), '150', said(idle.bytes <= 150e6)],
    ['their CPU, cores', idle.cores.toFixed(4), '0.02', said(idle.cores <= 0.02)],
  ];
  publish('cluster', 'The chart on a node of Kubernetes', [
    `Kubernetes 1.35 on this machine (etcd to kubelet, ready after ${Math.round(nodeMs / 1000)} s), images present, default values of the chart. Median of ${rounds} rounds; idle over ${values.idle} s. The command line runs from source, which is part of the time of \`tenfold apply\`.`,
    toTable(['', 'measured', 'bar', ''], rows),
  ]);

  async function podsGone(name: string): Promise<void> {
    const list = ['get', 'pods', '--namespace=bench', `--selector=tenfold.dev/function=${name}`, '--output=name'];
    await eventually(async () => (await kubectl(list)) === '', 'its pods are gone', ASLEEP_WITHIN_MS);
  }

  /** Of the same pod, in a Deployment that only this has to do with. */
  async function podStart(name: string): Promise<number> {
    const { spec } = JSON.parse(await kubectl(['get', `deployment/fn-${name}`, '--namespace=bench', '--output=json']));
    const { template } = spec;
    template.metadata.labels = { app: 'alone' };
    const alone = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'alone', namespace: 'bench' },
      spec: { replicas: 1, selector: { matchLabels: template.metadata.labels }, template },
    };
    const pod = [
      'get',
      'pods',
      '--namespace=bench',
      '--selector=app=alone',
      '--output=jsonpath={.items[0].status.podIP}',
    ];
    const port = template.spec.containers[0].ports[0].containerPort;
    const took = await timed(async () => {
      await kubectl(['apply', '-f', '-'], JSON.stringify(alone));
      let ip = '';
      const answers = async () => {
        ip ||= await kubectl(pod).catch(() => '');
        return (
          ip !== '' &&
          (await call('GET', `http://${ip}:${port}/`).then(
            () => true,
            () => false,
          ))
        );
      };
      await eventually(answers, 'it answers', 60_000);
    });
    await kubectl(['delete', 'deployment', 'alone', '--namespace=bench', '--cascade=foreground']);
    return took;
  }
} finally {
  await node?.close();
  await rm(folder, { recursive: true, force: true });
}

function application(name: string): string {
  return `apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: ${name} }
spec:
  source: ./hello.mjs
  scale: { min: 0, max: 1, idle: 2s }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: ${name} }
spec:
  routes:
    - match: { method: GET, path: /${name} }
      to: { function: ${name} }
`;
}
