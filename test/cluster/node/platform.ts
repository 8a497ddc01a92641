// Tenfold on the node: its images, its chart, applications, and what is asked of it from outside.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { request } from 'undici';
import { CHART, helm, withValues } from '../../chart/helm.ts';
import { buildTestImages } from '../images.ts';
import type { Node } from './node.ts';
import { offerVolume } from './volumes.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** The chart's values for the images of this checkout. */
const IMAGES = {
  global: { imageRegistry: 'dev.local' },
  image: { tag: 'test', pullPolicy: 'Never' },
  functionImage: { tag: 'test' },
};

export interface Platform {
  readonly namespace: string;
  /** Of the public port, such as `http://10.213.128.9`. */
  address(): Promise<string>;
  upgrade(values: object): Promise<void>;
  rollback(): Promise<void>;
  /** `helm test`. */
  test(): Promise<string>;
  uninstall(): Promise<string>;
}

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of many kinds
  readonly body: any;
}

const loaded = new WeakSet<Node>();

/** Always the same one, as CRDs that stay belong to the release of a namespace. */
const NAMESPACE = 'tenfold-system';

/** As `helm install --wait`, in a namespace where only restricted pods may run. */
export async function installPlatform(node: Node, values: object = {}): Promise<Platform> {
  await loadImages(node);
  await offerVolume(node);
  const namespace = NAMESPACE;
  await node.kubectl(['create', 'namespace', namespace]);
  await node.kubectl(['label', 'namespace', namespace, 'pod-security.kubernetes.io/enforce=restricted']);
  const run = (...args: string[]) => helm([...args, '--namespace', namespace], { KUBECONFIG: node.kubeconfig });
  const put = async (verb: string, more: object) => {
    await withValues({ ...IMAGES, ...more }, file =>
      run(verb, 'tenfold', CHART, '--values', file, '--wait', '--timeout', '300s'),
    );
  };
  try {
    await put('install', values);
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${await whatIsWrong(node, namespace)}`);
  }
  return {
    namespace,
    async address() {
      const service = ['get', 'service', 'tenfold', `--namespace=${namespace}`, '--output=jsonpath={.spec.clusterIP}'];
      return `http://${await node.kubectl(service)}`;
    },
    upgrade: more => put('upgrade', { ...values, ...more }),
    rollback: async () => void (await run('rollback', 'tenfold', '--wait', '--timeout', '300s')),
    test: () => run('test', 'tenfold', '--timeout', '300s'),
    uninstall: () => run('uninstall', 'tenfold', '--wait', '--timeout', '300s'),
  };
}

/** Both images of this checkout, once for each node. */
export async function loadImages(node: Node): Promise<void> {
  if (loaded.has(node)) return;
  const images = await buildTestImages();
  for (const { tar } of [images.platform, images.function]) node.load(tar);
  loaded.add(node);
}

/** `tenfold ARGS` as somebody with the administrator's kubeconfig runs it; what it prints. */
export async function tenfold(node: Node, args: readonly string[], cwd = root): Promise<string> {
  const cli = ['--conditions=tenfold-source', '--disable-warning=ExperimentalWarning', `${root}cli/main.ts`, ...args];
  const env = { ...process.env, KUBECONFIG: node.kubeconfig, NO_COLOR: '1' };
  try {
    return (await promisify(execFile)(process.execPath, cli, { cwd, env, maxBuffer: 64e6 })).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`tenfold ${args.join(' ')}: ${stderr ?? error}\n${stdout ?? ''}`);
  }
}

/** For the message of a failed test: pods, their last Events, and the ends of their logs. */
export async function whatIsWrong(node: Node, namespace: string): Promise<string> {
  const ask = (...args: string[]) => node.kubectl([...args, `--namespace=${namespace}`]).catch(String);
  const pods = await ask('get', 'pods', '--output=wide');
  const events = await ask('get', 'events', '--field-selector=type=Warning');
  const logs = await ask('logs', '--selector=app.kubernetes.io/name=tenfold', '--prefix', '--tail=15');
  return `${pods}\n${events}\n${logs}`;
}

export async function call(method: 'GET' | 'POST', url: string, body?: unknown): Promise<Answer> {
  const answer = await request(url, {
    method,
    headersTimeout: 70_000,
    ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const text = await answer.body.text();
  return { status: answer.statusCode, body: toJson(text) };
}

function toJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
