// `tenfold dev --cluster` on a real node of Kubernetes, with the chart as it is: the time from
// saving a file to the new code's first answer. `--rounds 2` for a quick look. Needs root and what
// `make install-services` installs.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { collect, startCli } from '../../test/cli/run-cli.ts';
import type { Node } from '../../test/cluster/node/node.ts';
import { call, installPlatform } from '../../test/cluster/node/platform.ts';
import { buildCli } from '../../test/cluster/operator/operator-process.ts';
import { eventually } from '../../test/eventually.ts';
import { loadNow } from '../measure/machine.ts';
import { median, publish, toTable } from '../measure/report.ts';
import { openNode } from './node/open-node.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '9' } } });
const rounds = Number(values.rounds);
const BAR_MS = 3000;
const WITHIN_MS = 60_000;
const NAMESPACE = 'dev';
const LOOK_EVERY_MS = 10;

/** As it ships. */
const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const sourceOf = (says: string) =>
  `import { http } from 'tenfold';\nexport default http(() => ({ says: '${says}' }));\n`;
const APPLICATION = `apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: hello }
spec: { source: ./hello.ts }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: hello }
spec: { routes: [{ match: { method: GET, path: /hello }, to: { function: hello } }] }
`;

const folder = await mkdtemp(join(tmpdir(), 'tenfold-bench-dev-'));
let node: Node | undefined;
try {
  buildCli();
  node = await openNode();
  const platform = await installPlatform(node);
  const address = await platform.address();
  await node.kubectl(['create', 'namespace', NAMESPACE]);
  await writeFile(join(folder, 'app.yaml'), APPLICATION);
  await writeFile(join(folder, 'hello.ts'), sourceOf('version 0'));
  const words = ['dev', folder, '--cluster', '--namespace', NAMESPACE, '--kubeconfig', node.kubeconfig];
  const child = startCli([...words, '--output', 'json'], { main: MAIN });
  const [output, errors] = [collect(child, 'stdout'), collect(child, 'stderr')];
  const reloads = () =>
    output()
      .split('\n')
      .filter(line => line.startsWith('{'))
      .map(line => JSON.parse(line))
      .filter(({ event }) => event === 'reloaded');
  try {
    const answered = { count: 0, failed: 0 };
    const answers = async (version: string, withinMs = WITHIN_MS) => {
      const end = performance.now() + withinMs;
      for (;;) {
        const { status, body } = await call('GET', `${address}/hello`).catch(() => ({ status: 0, body: undefined }));
        answered.count++;
        if (status !== 200) answered.failed++;
        if (body?.says === version) return;
        if (child.exitCode !== null) throw new Error(`tenfold dev ended:\n${errors()}`);
        if (performance.now() > end) throw new Error(`not within ${withinMs} ms: ${version}\n${output()}`);
        await new Promise(resolve => setTimeout(resolve, LOOK_EVERY_MS));
      }
    };
    const firstBegan = performance.now();
    await answers('version 0');
    const firstMs = performance.now() - firstBegan;
    await eventually(() => reloads().length > 0, 'it says that it runs', WITHIN_MS);
    answered.count = answered.failed = 0;

    const served: number[] = [];
    for (let round = 1; round <= rounds; round++) {
      const before = reloads().length;
      const began = performance.now();
      await writeFile(join(folder, 'hello.ts'), sourceOf(`version ${round}`));
      await answers(`version ${round}`);
      served.push(performance.now() - began);
      await eventually(() => reloads().length > before, 'it says so', WITHIN_MS);
      await onePodLeft(node);
    }
    const told = reloads()
      .slice(1)
      .map(({ tookMs }) => Number(tookMs));
    const ms = (value: number) => Math.round(value).toLocaleString('en');
    const rowOf = (name: string, all: readonly number[], bar: string, verdict: string) => [
      name,
      ms(Math.min(...all)),
      ms(median(all)),
      ms(Math.max(...all)),
      bar,
      verdict,
    ];
    publish('dev-cluster', '`tenfold dev --cluster`: change until served', [
      `Kubernetes 1.35 on this machine, the chart with its default values, one Function from a TypeScript source, asked through the gateway every ${LOOK_EVERY_MS} ms all the time. Median of ${rounds} rounds, each begun when the pod of the one before is gone.`,
      toTable(
        ['ms', 'least', 'median', 'most', 'bar', ''],
        [
          rowOf('saved → new code answers', served, '3,000', median(served) <= BAR_MS ? 'met' : 'missed'),
          rowOf('saved → said on the terminal', told, '', ''),
        ],
      ),
      `The start of the command until the application's first answer: ${ms(firstMs)} ms. Requests during the changes: ${answered.count.toLocaleString('en')}, of which failed: ${answered.failed}. ${loadNow()}`,
    ]);
  } finally {
    child.kill('SIGTERM');
  }
} finally {
  await node?.close();
  await rm(folder, { recursive: true, force: true });
}

/** A round must not overlap with the end of the one before. */
async function onePodLeft({ kubectl }: Node): Promise<void> {
  const pods = ['get', 'pods', `--namespace=${NAMESPACE}`, '--output=name'];
  await eventually(async () => (await kubectl(pods)).trim().split('\n').length === 1, 'one pod is left', WITHIN_MS);
}
