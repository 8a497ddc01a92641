// Tenfold on the node: its images, its chart, applications, and what is asked of it from outside.

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { request } from 'undici';
import { ANSWERS, helm, withValues } from '../../chart/helm.ts';
import { eventually } from '../../eventually.ts';
import type { Node } from './node.ts';
import { thisVersion, type Version } from './versions.ts';
import { offerVolume } from './volumes.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** The chart's values for images that the node has been given, and the answers that it asks for. */
const givenTo = ({ tag }: Version) => ({
  ...ANSWERS,
  global: { imageRegistry: 'dev.local' },
  image: { tag, pullPolicy: 'Never' },
  functionImage: { tag },
});

export interface Platform {
  readonly namespace: string;
  /** Of the public port, such as `http://10.213.128.9`. */
  address(): Promise<string>;
  /** To `version`, or with other values alone. */
  upgrade(values: object, version?: Version): Promise<void>;
  /** To what was before. `wait`: until that is ready. */
  rollback(wait?: boolean): Promise<void>;
  /** `helm test`. */
  test(): Promise<string>;
  uninstall(): Promise<string>;
}

export interface Installation {
  /** What is installed: this checkout by default. */
  readonly version?: Version;
  /** Secrets that are there before, by their names. */
  readonly secrets?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of many kinds
  readonly body: any;
}

/** Tags that each node has images of. */
const loaded = new WeakMap<Node, Set<string>>();

/** Always the same one, as CRDs that stay belong to the release of a namespace. */
const NAMESPACE = 'tenfold-system';

/** As `helm install --wait`, in a namespace where only restricted pods may run. */
export async function installPlatform(
  node: Node,
  values: object = {},
  { secrets = {}, version: first }: Installation = {},
): Promise<Platform> {
  let version = first ?? (await thisVersion());
  await loadImages(node, version);
  await offerVolume(node);
  const namespace = NAMESPACE;
  await node.kubectl(['create', 'namespace', namespace]);
  await node.kubectl(['label', 'namespace', namespace, 'pod-security.kubernetes.io/enforce=restricted']);
  for (const [name, stringData] of Object.entries(secrets)) {
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, stringData };
    await node.kubectl(['create', '-f', '-'], JSON.stringify(secret));
  }
  const run = (...args: string[]) => helm([...args, '--namespace', namespace], { KUBECONFIG: node.kubeconfig });
  const put = async (verb: string, more: object) => {
    await withValues({ ...givenTo(version), ...more }, file =>
      run(verb, 'tenfold', version.chart, '--values', file, '--wait', '--timeout', '900s'),
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
    async upgrade(more, to = version) {
      await loadImages(node, to);
      version = to;
      await put('upgrade', { ...values, ...more });
    },
    async rollback(wait = true) {
      await run('rollback', 'tenfold', ...(wait ? ['--wait', '--timeout', '900s'] : []));
    },
    test: () => run('test', 'tenfold', '--timeout', '900s'),
    uninstall: () => run('uninstall', 'tenfold', '--wait', '--timeout', '900s'),
  };
}

/** Both images of a version, this checkout by default, once for each node. */
export async function loadImages(node: Node, version?: Version): Promise<void> {
  const { tag, tars } = version ?? (await thisVersion());
  const tags = loaded.get(node) ?? new Set();
  if (tags.has(tag)) return;
  for (const tar of tars) node.load(tar);
  loaded.set(node, tags.add(tag));
}

/**
 * `tenfold ARGS` as somebody with the administrator's kubeconfig runs it; what it prints. `cwd`:
 * sources of the version whose command it is.
 */
export async function tenfold(node: Node, args: readonly string[], cwd = root): Promise<string> {
  const main = join(cwd, 'cli/main.ts');
  const cli = ['--conditions=tenfold-source', '--disable-warning=ExperimentalWarning', main, ...args];
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

export async function call(method: 'GET' | 'POST' | 'PUT', url: string, body?: unknown): Promise<Answer> {
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

/** A Service leads to a new pod a moment after that is ready. */
export function answersAgain(url: string): Promise<void> {
  const answers = () =>
    call('GET', url).then(
      ({ status }) => status === 200,
      () => false,
    );
  return eventually(answers, 'it answers again');
}
