// A real Kubernetes of one node: kubelet, containerd, pods, Services and names, for one run of
// tests, reached from this machine by its address.
import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from '../../eventually.ts';
import { buildGo, buildKube } from '../go-binary.ts';
import { type KubeClient, kubeClient } from '../kube-client.ts';
import { writeImage } from './image-tar.ts';
import { API_SERVER, kubeconfigOf, writeCredentials } from './kubeconfigs.ts';
import { openNamespaces } from './namespaces.ts';
import { containerdSocket, NODE_NAME, PAUSE_IMAGE, type PartName, partsOf, writeFilesOf } from './parts.ts';

export interface Node {
  /** Of the API server, and an administrator's access to it. */
  readonly url: string;
  readonly token: string;
  readonly ca: string;
  readonly client: KubeClient;
  /** What is kept in it is removed with the node; its pods may be given parts of it. */
  readonly folder: string;
  /** A file for kubectl, helm and the like, of an administrator. */
  readonly kubeconfig: string;
  /**
   * Runs kubectl as an administrator, with `input` on its stdin; what it prints.
   * Throws what it complains of.
   */
  kubectl(args: readonly string[], input?: string): Promise<string>;
  /** Makes the images of a tar (of docker or OCI) known to the node. */
  load(tar: string): void;
  /** As a crash of the program: SIGKILL. What it started goes on. */
  kill(part: PartName): Promise<void>;
  /** Again, after `kill`. */
  start(part: PartName): void;
  close(): Promise<void>;
}

export async function startNode(): Promise<Node> {
  const [kube, coredns, pause] = [await buildKube(), await buildGo('coredns'), await buildGo('pause')];
  const spaces = await openNamespaces();
  const { folder } = spaces;
  const parts = partsOf(folder, { kube, coredns });
  const start = (part: PartName) => spaces.start(part, parts[part].command, parts[part].args);
  const until = (part: PartName, holds: () => boolean | Promise<boolean>) =>
    eventually(() => {
      if (spaces.isRunning(part)) return holds();
      throw new Error(`${part} ended: ${spaces.lastLines(part)}`);
    }, `${part} is ready`).catch(error => {
      throw new Error(`${error.message}\n${spaces.lastLines(part)}`);
    });
  const ctr = (args: readonly string[]) =>
    spaces.run('ctr', ['--address', containerdSocket(folder), '--namespace', 'k8s.io', ...args]);
  const load = (tar: string) => void ctr(['images', 'import', '--all-platforms', tar]);
  const kubeconfig = kubeconfigOf(folder, 'admin');
  const kubectl = async (args: readonly string[], input?: string) => {
    // What it remembers of one node is wrong for the next.
    const own = ['--kubeconfig', kubeconfig, '--cache-dir', join(folder, 'kubectl')];
    const running = promisify(execFile)(kube, ['kubectl', ...own, ...args], { maxBuffer: 64e6 });
    running.child.stdin?.end(input);
    return (await running).stdout;
  };
  try {
    const token = await writeCredentials(folder);
    await writeFile(join(folder, 'accounts.key'), accountsKey(), { mode: 0o600 });
    await writeFilesOf(folder);
    start('etcd');
    start('kube-apiserver');
    start('containerd');
    await until('containerd', () => succeeds(() => ctr(['version'])));
    load(writeImage(folder, { name: PAUSE_IMAGE, entrypoint: ['/pause'], files: { '/pause': pause } }));
    await until('kube-apiserver', async () => (await kubectl(['get', '--raw', '/readyz']).catch(() => '')) === 'ok');
    for (const part of ['kube-controller-manager', 'kube-scheduler', 'kubelet', 'kube-proxy', 'coredns'] as const)
      start(part);
    const ca = readFileSync(join(folder, 'apiserver.crt'), 'utf8');
    const client = kubeClient(API_SERVER, token, ca);
    await until('kubelet', async () => {
      const { body } = await client.request('GET', `/api/v1/nodes/${NODE_NAME}`);
      const conditions: { type: string; status: string }[] = body.status?.conditions ?? [];
      return conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
    });
    const account = '/api/v1/namespaces/default/serviceaccounts/default';
    await until('kube-controller-manager', async () => (await client.request('GET', account)).status === 200);
    return {
      url: API_SERVER,
      token,
      ca,
      client,
      folder,
      kubeconfig,
      kubectl,
      load,
      start,
      kill: part => spaces.kill(part),
      async close() {
        await client.close();
        await spaces.close();
      },
    };
  } catch (error) {
    await spaces.close();
    throw error;
  }
}

function succeeds(run: () => unknown): boolean {
  try {
    run();
    return true;
  } catch {
    return false;
  }
}

function accountsKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'sec1', format: 'pem' }).toString();
}
