// What the default installation costs while nothing happens, thread by thread, in each of its first minutes: started as the chart's pod starts it, over a real API server, and asked by its probes.
// `--minutes 2 --seconds 10` for a quick look; `--built FOLDER` for another one that has dist/ and node_modules/.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { get } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { parse, stringify } from 'yaml';
import { render } from '../test/chart/helm.ts';
import { removeTempFolders, tempFolder } from '../test/cli/temp-folder.ts';
import { type ControlPlane, kubeconfig } from '../test/cluster/control-plane.ts';
import { freePorts } from '../test/cluster/free-ports.ts';
import { startPlane } from '../test/cluster/operators.ts';
import { eventually } from '../test/eventually.ts';
import { loadNow } from './runtime/machine.ts';
import { publish } from './runtime/report.ts';
import { cpuMsOf, rssMbOf } from './workers/proc.ts';
import { type ThreadUse, threadTable, watchThreads } from './workers/threads.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '60' },
    built: { type: 'string' },
  },
});
const root = fileURLToPath(new URL('..', import.meta.url));
const READY_WITHIN_MS = 60_000;

let plane: ControlPlane | undefined;
let child: ChildProcess | undefined;
const probes: NodeJS.Timeout[] = [];
try {
  plane = await startPlane();
  const flags = ['--conditions=tenfold-source', 'scripts/build.ts', 'cli', 'drivers'];
  if (values.built === undefined) execFileSync(process.execPath, flags, { cwd: root });
  const { args, env, admin, probed } = await asThePod(plane);
  child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const pid = child.pid ?? 0;
  await eventually(async () => (await ask(admin, '/readyz')) === 200, 'it is ready', READY_WITHIN_MS);
  const startMs = cpuMsOf(pid);
  for (const { path, everyMs } of probed) probes.push(setInterval(() => void ask(admin, path), everyMs));

  const windows: ThreadUse[][] = [];
  for (let minute = 0; minute < Number(values.minutes); minute++)
    windows.push(await watchThreads([pid], Number(values.seconds)));
  publish('idle-platform', 'The default installation while nothing happens', [
    `\`tenfold serve --cluster --operator\` (operator, gateway, worker, log and store in one process) with the arguments, configuration and probes of the chart, over the API server of Kubernetes 1.35 with no resources in it. Its start took ${(startMs / 1000).toFixed(1)} s of CPU until it was ready; then ${values.minutes} times ${values.seconds} s, one after the other. Counted by the kernel (schedstat, voluntary_ctxt_switches), which other processes change little; the bar is 20 millicores (bench/results/cluster.md has the figure of the kubelet).`,
    threadTable(
      windows.map((_, index) => `${index + 1}`),
      windows,
    ),
    `It has ${rssMbOf(pid).toFixed(0)} MiB in the end. V8Worker compiles code that has become warm and collects garbage; a WorkerThread keeps or reads the file of log and store.`,
    loadNow(),
  ]);
} finally {
  for (const probe of probes) clearInterval(probe);
  if (child && child.exitCode === null) {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  }
  await plane?.close();
  removeTempFolders();
}

/** The Deployment's container, but for folders, ports, and where it finds the API server. */
async function asThePod({ url, token, ca }: ControlPlane) {
  const manifests = await render();
  const [pod] = manifests.find(({ kind }) => kind === 'Deployment')?.['spec'].template.spec.containers ?? [];
  const text = manifests.find(({ kind, data }) => kind === 'ConfigMap' && data['tenfold.yaml'])?.['data'][
    'tenfold.yaml'
  ];
  const secret = 'a secret of the measurement, which nobody else has';
  const folder = tempFolder({ secret, kubeconfig: kubeconfig(url, token, ca) });
  const config = parse(text);
  config.data = join(folder, 'data');
  config.host = '127.0.0.1';
  for (const one of [config.internal.secret, config.admin.token]) one.file = join(folder, 'secret');
  const more = tempFolder({ 'tenfold.yaml': stringify(config) });
  const [open, internal, admin] = await freePorts(3);
  const ports = ['--port', String(open), '--internal-port', String(internal), '--admin-port', String(admin)];
  const main = join(values.built ?? root, 'dist/cli/main.js');
  const own = ['--kubeconfig', join(folder, 'kubeconfig'), ...ports];
  return {
    args: ['--disable-warning=ExperimentalWarning', main, ...pod.args, ...own],
    env: { PATH: process.env['PATH'], NODE_ENV: 'production', TENFOLD_CONFIG: join(more, 'tenfold.yaml') },
    admin: admin ?? 0,
    probed: [pod.readinessProbe, pod.livenessProbe].map(({ httpGet, periodSeconds }) => ({
      path: String(httpGet.path),
      everyMs: Number(periodSeconds) * 1000,
    })),
  };
}

/** As a kubelet: over a connection of its own. Answers with the status, 0 when there was no answer. */
function ask(port: number, path: string): Promise<number> {
  return new Promise(resolve => {
    const options = { host: '127.0.0.1', port, path, agent: false, headers: { connection: 'close' } };
    const asked = get(options, answer => {
      answer.resume().once('end', () => resolve(answer.statusCode ?? 0));
    });
    asked.once('error', () => resolve(0));
  });
}
