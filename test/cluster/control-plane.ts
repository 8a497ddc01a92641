// Starts a real Kubernetes control plane (etcd, API server and, where they are wanted, controllers)
// on free loopback ports, with its own data folder, for one test run.
import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from './free-ports.ts';
import { buildKube } from './go-binary.ts';
import { type KubeClient, kubeClient } from './kube-client.ts';

export interface ControlPlaneOptions {
  /** Who besides the administrator may ask; they may do nothing before a role is bound to them. */
  readonly users?: readonly { readonly token: string; readonly name: string; readonly groups: readonly string[] }[];
}

export interface ControlPlane {
  readonly url: string;
  /** Bearer token of a cluster administrator. */
  readonly token: string;
  /** Certificate authority of the API server, PEM. */
  readonly ca: string;
  readonly client: KubeClient;
  /**
   * Such as `deployment-controller`; those that follow kinds of ours begin with the kinds that are
   * there. `flags` without dashes.
   */
  startControllers(names: readonly string[], flags?: Readonly<Record<string, string>>): Promise<void>;
  /** Kills the API server, waits for `pauseMs`, starts it again and waits until it answers. */
  restartApiServer(pauseMs?: number): Promise<void>;
  /** What was asked of the API server until now, and by whom. */
  audit(): readonly AuditEntry[];
  close(): Promise<void>;
}

export interface AuditEntry {
  readonly verb: string;
  readonly user: { readonly username: string };
  readonly objectRef?: {
    readonly resource?: string;
    readonly subresource?: string;
    readonly apiGroup?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
  readonly responseStatus?: { readonly code: number };
  readonly requestReceivedTimestamp: string;
  /** When it was answered. */
  readonly stageTimestamp: string;
}

const READY_WITHIN_MS = 3 * 60_000;

/** Of an API server. By default it spends a fifth of what it computes on freeing memory. */
const LARGE_HEAP = { GOGC: 'off', GOMEMLIMIT: '640MiB' };

export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const binary = await buildKube();
  const folder = await mkdtemp(join(tmpdir(), 'tenfold-kube-'));
  const processes: ChildProcess[] = [];
  // A run that is broken off must not leave servers behind.
  const killAll = () => processes.forEach(child => void child.kill('SIGKILL'));
  process.once('exit', killAll);
  const close = async () => {
    process.removeListener('exit', killAll);
    await Promise.all(processes.map(stop));
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const [etcdPort, peerPort, apiPort] = await freePorts(3);
    const token = randomBytes(16).toString('hex');
    await writeFile(join(folder, 'tokens.csv'), tokens(token, options.users ?? []), { mode: 0o600 });
    await writeFile(join(folder, 'audit.yaml'), AUDIT_POLICY);
    await writeFile(join(folder, 'accounts.key'), accountsKey(), { mode: 0o600 });
    const start = (name: string, flags: Readonly<Record<string, string>>, heap = {}) => {
      const log = openSync(join(folder, `${name}.log`), 'a', 0o600);
      const list = Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`);
      const child = spawn(binary, [name, ...list], {
        cwd: folder,
        env: { ...process.env, ...heap },
        stdio: ['ignore', log, log],
      });
      closeSync(log);
      processes.push(child);
      return child;
    };
    start('etcd', {
      'data-dir': join(folder, 'etcd'),
      'unsafe-no-fsync': 'true',
      'log-level': 'warn',
      'listen-client-urls': `http://127.0.0.1:${etcdPort}`,
      'advertise-client-urls': `http://127.0.0.1:${etcdPort}`,
      'listen-peer-urls': `http://127.0.0.1:${peerPort}`,
      'initial-advertise-peer-urls': `http://127.0.0.1:${peerPort}`,
      'initial-cluster': `default=http://127.0.0.1:${peerPort}`,
    });
    const apiServer = {
      'etcd-servers': `http://127.0.0.1:${etcdPort}`,
      'bind-address': '127.0.0.1',
      'advertise-address': '127.0.0.1',
      'secure-port': String(apiPort),
      // Where the server puts the certificate that it makes for itself.
      'cert-dir': folder,
      'token-auth-file': join(folder, 'tokens.csv'),
      'authorization-mode': 'RBAC',
      'service-account-key-file': join(folder, 'accounts.key'),
      'service-account-signing-key-file': join(folder, 'accounts.key'),
      'service-account-issuer': 'https://kubernetes.default.svc',
      'service-cluster-ip-range': '10.96.0.0/16',
      // The default refuses objects in namespaces whose default ServiceAccount
      // no controller has made yet.
      'disable-admission-plugins': 'ServiceAccount',
      'endpoint-reconciler-type': 'none',
      'audit-policy-file': join(folder, 'audit.yaml'),
      'audit-log-path': join(folder, 'audit.log'),
      'audit-log-mode': 'blocking',
    };
    let server = start('kube-apiserver', apiServer, LARGE_HEAP);
    const url = `https://127.0.0.1:${apiPort}`;
    const { client, ca } = await untilReady(url, token, folder, processes);
    return {
      url,
      token,
      ca,
      client,
      async startControllers(names, flags = {}) {
        await writeFile(join(folder, 'kubeconfig'), kubeconfig(url, token, ca), { mode: 0o600 });
        start('kube-controller-manager', {
          kubeconfig: join(folder, 'kubeconfig'),
          controllers: names.join(','),
          'leader-elect': 'false',
          'cert-dir': folder,
          'secure-port': '0',
          ...flags,
        });
      },
      async restartApiServer(pauseMs = 0) {
        processes.splice(processes.indexOf(server), 1);
        const ended = new Promise(resolve => server.once('exit', resolve));
        server.kill('SIGKILL');
        await ended;
        await new Promise(resolve => setTimeout(resolve, pauseMs));
        server = start('kube-apiserver', apiServer, LARGE_HEAP);
        const again = await untilReady(url, token, folder, processes);
        await again.client.close();
      },
      audit() {
        // What stands behind the last line's end is being written.
        const lines = readFileSync(join(folder, 'audit.log'), 'utf8').split('\n').slice(0, -1);
        return lines.filter(line => line.startsWith('{')).map(line => JSON.parse(line));
      },
      async close() {
        await client.close();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

const AUDIT_POLICY = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived, ResponseStarted]
rules: [{ level: Metadata }]
`;

function tokens(admin: string, users: NonNullable<ControlPlaneOptions['users']>): string {
  const all = [{ token: admin, name: 'admin', groups: ['system:masters'] }, ...users];
  return all.map(({ token, name, groups }) => `${token},${name},${name},"${groups.join(',')}"\n`).join('');
}

/** For programs that talk to it as its administrator: a kubeconfig file's content. */
export function kubeconfig(server: string, token: string, ca: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    clusters: [{ name: 'test', cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') } }],
    users: [{ name: 'test', user: { token } }],
  });
}

async function untilReady(url: string, token: string, folder: string, processes: readonly ChildProcess[]) {
  const deadline = Date.now() + READY_WITHIN_MS;
  const certificate = join(folder, 'apiserver.crt');
  while (Date.now() < deadline) {
    const dead = processes.find(child => child.exitCode !== null || child.signalCode !== null);
    if (dead !== undefined) throw new Error(`${part(dead)} ended: ${lastLines(folder, part(dead))}`);
    if (existsSync(certificate)) {
      const ca = readFileSync(certificate, 'utf8');
      const client = kubeClient(url, token, ca);
      if (await isReady(client)) return { client, ca };
      await client.close();
    }
    await new Promise(resolve => setTimeout(resolve, 100));
  }
  const seconds = READY_WITHIN_MS / 1000;
  throw new Error(`The API server was not ready within ${seconds} s: ${lastLines(folder, 'kube-apiserver')}`);
}

/** The default namespace is made shortly after the server says that it is ready. */
async function isReady(client: KubeClient): Promise<boolean> {
  try {
    for (const path of ['/readyz', '/api/v1/namespaces/default']) {
      if ((await client.request('GET', path)).status !== 200) return false;
    }
    return true;
  } catch {
    return false;
  }
}

function accountsKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'sec1', format: 'pem' }).toString();
}

function part(child: ChildProcess): string {
  return child.spawnargs[1] ?? '';
}

function lastLines(folder: string, name: string): string {
  return readFileSync(join(folder, `${name}.log`), 'utf8')
    .split('\n')
    .slice(-12)
    .join('\n');
}

/** At once: nobody needs what it would still write. */
async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise(resolve => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}
