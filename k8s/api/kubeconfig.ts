// Access as a kubeconfig describes it: tokens, client certificates, and programs that fetch them.

import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { TenfoldError } from '../../core/errors.ts';
import { withoutTrailingSlashes } from '../../core/paths/trailing-slashes.ts';
import { parseTimestamp, type World } from '../../core/world.ts';
import type { ClusterAccess } from './cluster-access.ts';
import { read, readList, readText } from './kube-object.ts';

export interface KubeconfigOptions {
  readonly world: World;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Instead of `KUBECONFIG` or `~/.kube/config`. */
  readonly file?: string | undefined;
  /** Instead of the current one. */
  readonly context?: string | undefined;
}

interface Part {
  readonly value: unknown;
  /** Paths in it are relative to this. */
  readonly folder: string;
}

const RUN_WITHIN_MS = 30_000;
const run = promisify(execFile);

export async function kubeconfigAccess({ world, env, file, context }: KubeconfigOptions): Promise<ClusterAccess> {
  const named = file ?? env['KUBECONFIG'];
  const files = named ? named.split(delimiter).filter(part => part !== '') : [join(homedir(), '.kube', 'config')];
  const configs = await Promise.all(files.map(readConfig));
  const current = context ?? configs.map(({ value }) => readText(value, 'current-context')).find(Boolean);
  if (current === undefined) throw wrong(`${files.join(', ')} has no current context`);
  const chosen = find(configs, 'contexts', 'context', current);
  const cluster = find(configs, 'clusters', 'cluster', readText(chosen.value, 'cluster') ?? '');
  const user = find(configs, 'users', 'user', readText(chosen.value, 'user') ?? '');
  const server = readText(cluster.value, 'server');
  if (server === undefined) throw wrong(`the cluster of the context "${current}" has no server`);
  const cert = await content(user, 'client-certificate');
  const key = await content(user, 'client-key');
  return {
    server: withoutTrailingSlashes(server),
    ca: await content(cluster, 'certificate-authority'),
    clientCertificate: cert === undefined || key === undefined ? undefined : { cert, key },
    serverName: readText(cluster.value, 'tls-server-name'),
    insecureSkipTlsVerify: read(cluster.value, 'insecure-skip-tls-verify') === true,
    namespace: readText(chosen.value, 'namespace') ?? 'default',
    context: current,
    token: tokenOf(world, env, user),
  };
}

async function readConfig(file: string): Promise<Part> {
  try {
    return { value: parse(await readFile(file, 'utf8')), folder: dirname(resolve(file)) };
  } catch (cause) {
    throw new TenfoldError('not-found', `The kubeconfig ${file} cannot be read.`, { cause });
  }
}

function find(configs: readonly Part[], list: string, member: string, name: string): Part {
  for (const { value, folder } of configs) {
    const found = readList(value, list).find(entry => readText(entry, 'name') === name);
    if (found !== undefined) return { value: read(found, member), folder };
  }
  throw wrong(`there is no "${name}" among its ${list}`);
}

/** Written in place, in Base64, or in a file. */
async function content({ value, folder }: Part, name: string): Promise<string | undefined> {
  const data = readText(value, `${name}-data`);
  if (data !== undefined) return Buffer.from(data, 'base64').toString('utf8');
  const file = readText(value, name);
  return file === undefined ? undefined : await readFile(resolve(folder, file), 'utf8');
}

function tokenOf(
  world: World,
  env: KubeconfigOptions['env'],
  { value, folder }: Part,
): () => Promise<string | undefined> {
  const token = readText(value, 'token');
  const file = readText(value, 'tokenFile');
  const command = readText(value, 'exec', 'command');
  if (token !== undefined) return async () => token;
  if (file !== undefined) return async () => (await readFile(resolve(folder, file), 'utf8')).trim();
  if (command === undefined) return async () => undefined;
  let kept: { readonly token: string; readonly until: number } | undefined;
  return async () => {
    if (kept && kept.until > world.now()) return kept.token;
    const given = await runPlugin(command, value, env, folder);
    const fetched = readText(given, 'status', 'token');
    if (fetched === undefined) throw wrong(`${command} printed no token`);
    const ends = parseTimestamp(readText(given, 'status', 'expirationTimestamp') ?? '');
    kept = { token: fetched, until: (ends ?? world.now() + 10 * 60_000) - 30_000 };
    return fetched;
  };
}

async function runPlugin(command: string, user: unknown, env: KubeconfigOptions['env'], folder: string) {
  const args = readList(user, 'exec', 'args').map(String);
  const variables = readList(user, 'exec', 'env').map(entry => [
    readText(entry, 'name') ?? '',
    readText(entry, 'value'),
  ]);
  const apiVersion = readText(user, 'exec', 'apiVersion');
  const info = JSON.stringify({ kind: 'ExecCredential', apiVersion, spec: { interactive: false } });
  const program = command.includes('/') ? resolve(folder, command) : command;
  try {
    const { stdout } = await run(program, args, {
      timeout: RUN_WITHIN_MS,
      env: { ...env, ...Object.fromEntries(variables), KUBERNETES_EXEC_INFO: info },
    });
    return JSON.parse(stdout) as unknown;
  } catch (cause) {
    throw new TenfoldError('unauthenticated', `${command}, which the kubeconfig names, gave no credentials.`, {
      cause,
    });
  }
}

function wrong(what: string): TenfoldError {
  return new TenfoldError('not-found', `The kubeconfig cannot be used: ${what}.`);
}
