// `tenfold serve|gateway|worker --cluster` as processes, with the rights that the
// manifests give them and no more.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Addresses } from '../../../admin/platform-view.ts';
import { collect, startCli } from '../../cli/run-cli.ts';
import { tempFolder } from '../../cli/temp-folder.ts';
import type { ControlPlane } from '../control-plane.ts';
import { accountOf, PLATFORM } from '../operator/operators.ts';

export const ADMIN_TOKEN = 'token-of-the-administrator';
const LISTENS_WITHIN_MS = 3 * 60_000;

export interface ServingProcess {
  readonly child: ChildProcess;
  readonly folder: string;
  /** Resolves when it listens, which is after all resources were listed. */
  addresses(): Promise<Addresses>;
  output(): string;
  /** Answers with the exit code. */
  end(signal?: NodeJS.Signals): Promise<number | null>;
}

export interface ServingOptions {
  readonly role: 'serve' | 'gateway' | 'worker';
  /** Whose rights it has. */
  readonly component?: 'gateway' | 'worker' | 'operator';
  readonly words?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly adminPort?: number;
}

export function kubeconfigFor({ url, ca }: Pick<ControlPlane, 'url' | 'ca'>, component: string): string {
  const cluster = { server: url, 'certificate-authority-data': Buffer.from(ca).toString('base64') };
  return JSON.stringify({
    'current-context': 'test',
    contexts: [{ name: 'test', context: { cluster: 'test', user: component, namespace: PLATFORM } }],
    clusters: [{ name: 'test', cluster }],
    users: [{ name: component, user: { token: accountOf(component).token } }],
  });
}

export function startServing(plane: Pick<ControlPlane, 'url' | 'ca'>, options: ServingOptions): ServingProcess {
  const { role, component = role === 'worker' ? 'worker' : 'gateway', words = [], env = {}, adminPort = 0 } = options;
  const folder = tempFolder();
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, kubeconfigFor(plane, component), { mode: 0o600 });
  const listeners = role === 'worker' ? [] : ['--port', '0', '--internal-port', '0'];
  const flags = ['--cluster', '--kubeconfig', kubeconfig, ...listeners, '--admin-port', String(adminPort), ...words];
  const child = startCli([role, folder, ...flags], {
    cwd: folder,
    env: { TENFOLD_ADMIN_TOKEN: ADMIN_TOKEN, TENFOLD_FUNCTIONS_ALLOW_LOOPBACK: 'true', ...env },
  });
  const closed = once(child, 'close').then(([code]): number | null => code);
  const [stdout, stderr] = [collect(child, 'stdout'), collect(child, 'stderr')];
  const output = () => stdout() + stderr();
  return {
    child,
    folder,
    output,
    async addresses() {
      const end = Date.now() + LISTENS_WITHIN_MS;
      for (;;) {
        const line = /^\{.*"message":"listening".*\}$/m.exec(stdout())?.[0];
        if (line !== undefined) return JSON.parse(line).addresses;
        if (child.exitCode !== null || Date.now() > end) throw new Error(`it does not listen; it said:\n${output()}`);
        await new Promise(resolve => setTimeout(resolve, 10));
      }
    },
    end(signal = 'SIGTERM') {
      child.kill(signal);
      return closed;
    },
  };
}
