// A container of the chart as a process of this machine: with its arguments, its configuration and
// its probes, but for folders, ports, and where it finds the API server.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { get } from 'node:http';
import { basename, join } from 'node:path';
import { parse, stringify } from 'yaml';
import { only, render } from '../../../test/chart/helm.ts';
import { tempFolder } from '../../../test/cli/temp-folder.ts';
import { type ControlPlane, kubeconfig } from '../../../test/cluster/control-plane.ts';
import { freePorts } from '../../../test/cluster/free-ports.ts';
import { eventually } from '../../../test/eventually.ts';

export interface PodProcess {
  readonly pid: number;
  end(): Promise<void>;
}

/**
 * The process of a Deployment, with `more` arguments; resolves when it is ready. `main`: the built
 * command line.
 */
export async function startAsPod(
  { url, token, ca }: ControlPlane,
  deployment: string,
  main: string,
  more: readonly string[],
): Promise<PodProcess> {
  const manifests = await render();
  const [pod] = only(manifests, 'Deployment', deployment)['spec'].template.spec.containers;
  const file = pod.env.find(({ name }: { name: string }) => name === 'TENFOLD_CONFIG').value;
  const config = parse(only(manifests, 'ConfigMap', 'tenfold')['data'][basename(file)]);
  const secret = 'a secret of the measurement, which nobody else has';
  const folder = tempFolder({ secret, kubeconfig: kubeconfig(url, token, ca) });
  config.data = join(folder, 'data');
  config.host = '127.0.0.1';
  for (const one of [config.internal?.secret, config.admin?.token]) if (one) one.file = join(folder, 'secret');
  const configured = join(tempFolder({ 'tenfold.yaml': stringify(config) }), 'tenfold.yaml');
  const [open, internal, admin = 0] = await freePorts(3);
  const listeners = pod.ports.length > 1 ? ['--port', String(open), '--internal-port', String(internal)] : [];
  const own = ['--kubeconfig', join(folder, 'kubeconfig'), ...listeners, '--admin-port', String(admin), ...more];
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, ...pod.args, ...own], {
    env: { PATH: process.env['PATH'], NODE_ENV: 'production', TENFOLD_CONFIG: configured },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await eventually(async () => (await ask(admin, '/readyz')) === 200, `${deployment} is ready`).catch(error => {
    child.kill('SIGKILL');
    throw error;
  });
  const probes = [pod.readinessProbe, pod.livenessProbe].map(({ httpGet, periodSeconds }) =>
    setInterval(() => void ask(admin, String(httpGet.path)), Number(periodSeconds) * 1000),
  );
  return {
    pid: child.pid ?? 0,
    async end() {
      for (const probe of probes) clearInterval(probe);
      if (child.exitCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/**
 * As a kubelet: over a connection of its own. Answers with the status, 0 when there was no answer.
 */
function ask(port: number, path: string): Promise<number> {
  return new Promise(resolve => {
    const options = { host: '127.0.0.1', port, path, agent: false, headers: { connection: 'close' } };
    const asked = get(options, answer => {
      answer.resume().once('end', () => resolve(answer.statusCode ?? 0));
    });
    asked.once('error', () => resolve(0));
  });
}
