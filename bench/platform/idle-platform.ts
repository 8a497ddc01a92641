// The costs of the default installation while nothing happens: its two processes beside one that is
// both, thread by thread, in each of its first minutes. They start as the chart's pods do, over a
// real API server, with their probes. `--minutes 2 --seconds 10` for a quick look; `--built FOLDER`
// for another one that has dist/ and node_modules/.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { render } from '../../test/chart/helm.ts';
import { removeTempFolders } from '../../test/cli/temp-folder.ts';
import type { ControlPlane } from '../../test/cluster/control-plane.ts';
import { startPlane } from '../../test/cluster/operator/operators.ts';
import { loadNow } from '../measure/machine.ts';
import { cpuMsOf, privateMbOf, rssMbOf } from '../measure/proc.ts';
import { publish, toTable } from '../measure/report.ts';
import { type ThreadUse, threadTable, watchThreads } from '../measure/threads.ts';
import { type PodProcess, startAsPod } from './idle-platform/as-pod.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '60' },
    built: { type: 'string' },
  },
});
const root = fileURLToPath(new URL('../..', import.meta.url));

interface Cost {
  readonly pids: number;
  readonly startMs: number;
  readonly rssMb: number;
  readonly privateMb: number;
  /** Of each minute. */
  readonly windows: readonly ThreadUse[][];
}

let plane: ControlPlane | undefined;
try {
  const flags = ['--conditions=tenfold-source', 'scripts/build.ts', 'cli', 'drivers'];
  if (values.built === undefined) execFileSync(process.execPath, flags, { cwd: root });
  const deployments = (await render()).filter(({ kind }) => kind === 'Deployment');
  const names = deployments.map(({ metadata }) => metadata.name);
  // One after the other, so that none of them leads beside another.
  plane = await startPlane();
  const together = await costOf(plane, ['tenfold'], ['--operator']);
  await plane.close();
  plane = await startPlane();
  const { all: apart, each } = await costOfEach(plane, names);
  const row = (what: string, { pids, startMs, rssMb, privateMb, windows }: Cost) => [
    what,
    String(pids),
    (startMs / 1000).toFixed(1),
    rssMb.toFixed(0),
    privateMb.toFixed(0),
    (windows.at(-1) ?? []).reduce((sum, { millicores }) => sum + millicores, 0).toFixed(2),
  ];
  publish('idle-platform', 'The default installation while nothing happens', [
    `\`tenfold serve --cluster\` (gateway, worker, log and store in one process) and \`tenfold operator\` with the arguments, configuration and probes of the chart, over the API server of Kubernetes 1.35 with no resources in it; beside them the same work in one process, \`tenfold serve --cluster --operator\`, as the chart had it before. ${values.minutes} times ${values.seconds} s, one after the other. CPU is counted by the kernel (schedstat), which other processes change little; the bar is 20 millicores. Memory is what is resident in the end, and how much of that no other process shares (smaps_rollup); the kubelet's figure is in bench/results/cluster.md.`,
    toTable(
      ['', 'processes', 'CPU of the start, s', 'resident, MiB', 'of that its own, MiB', 'millicores, last window'],
      [
        row('the chart: both', apart),
        ...each.map(([name, cost]) => row(`of it \`${name}\``, cost)),
        row('one process for all', together),
      ],
    ),
    threadTable(
      apart.windows.map((_, index) => `${index + 1}`),
      apart.windows,
    ),
    'The threads are those of the chart. V8Worker compiles code that has become warm and collects garbage; a WorkerThread keeps or reads the file of log and store.',
    loadNow(),
  ]);
} finally {
  await plane?.close();
  removeTempFolders();
}

async function costOf(on: ControlPlane, names: readonly string[], more: readonly string[] = []): Promise<Cost> {
  return (await costOfEach(on, names, more)).all;
}

/** The costs of Deployments of the chart that run at the same time, together and one by one. */
async function costOfEach(on: ControlPlane, names: readonly string[], more: readonly string[] = []) {
  const running: PodProcess[] = [];
  try {
    for (const name of names)
      running.push(await startAsPod(on, name, join(values.built ?? root, 'dist/cli/main.js'), more));
    const starts = running.map(({ pid }) => cpuMsOf(pid));
    const windows: ThreadUse[][][] = [];
    for (let minute = 0; minute < Number(values.minutes); minute++)
      windows.push(await Promise.all(running.map(({ pid }) => watchThreads([pid], Number(values.seconds)))));
    const costs = running.map(
      ({ pid }, index): Cost => ({
        pids: 1,
        startMs: starts[index] ?? 0,
        rssMb: rssMbOf(pid),
        privateMb: privateMbOf(pid),
        windows: windows.map(window => window[index] ?? []),
      }),
    );
    const sum = (of: (cost: Cost) => number) => costs.reduce((total, cost) => total + of(cost), 0);
    const all: Cost = {
      pids: costs.length,
      startMs: sum(({ startMs }) => startMs),
      rssMb: sum(({ rssMb }) => rssMb),
      privateMb: sum(({ privateMb }) => privateMb),
      windows: windows.map(window => window.flat()),
    };
    return { all, each: names.map((name, index) => [name, costs[index] ?? all] as const) };
  } finally {
    await Promise.all(running.map(one => one.end()));
  }
}
