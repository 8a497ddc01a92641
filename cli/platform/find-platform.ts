// Finds the platform to talk to: by options, by environment, or by the file that a running
// one leaves in its folder.
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { PlatformState } from '../../server/state-file.ts';
import type { Way } from '../cluster/open-way.ts';
import { CommandError } from '../command-error.ts';
import type { Terminal } from '../terminal.ts';
import { assertOnePlatform } from './one-platform.ts';
import type { PlatformChoice } from './platform-options.ts';

/** The address and token that a command needs to talk to a platform. */
export interface PlatformTarget {
  readonly admin: string;
  readonly token: string;
  /** The namespace that is meant where none is named: that of the kubeconfig. */
  readonly namespace?: string;
  /** Why the way to it does not work; undefined where nothing is known of that. */
  whyUnreachable?(): string | undefined;
  /**
   * Where it is now, after a restart: the same platform, and the former way to it is closed.
   * Undefined where its address and token were given.
   */
  findAgain?(): Promise<PlatformTarget>;
  /** Known when the platform runs on this machine; there is one key for each namespace. */
  readonly internal?: { readonly url: string; readonly keys: Readonly<Record<string, string>> };
}

export async function findPlatform(choice: PlatformChoice, terminal: Terminal): Promise<PlatformTarget> {
  assertOnePlatform(choice);
  const admin = choice.admin ?? terminal.env['TENFOLD_ADMIN_URL'];
  const token = choice.token ?? terminal.env['TENFOLD_ADMIN_TOKEN'];
  const isNamed = choice.admin !== undefined || (admin !== undefined && !meansCluster(choice, { isPlugin: false }));
  if (admin !== undefined && choice.dir === undefined && isNamed) {
    if (!URL.canParse(admin)) throw new CommandError('usage', `"${admin}" is no URL, e.g. http://127.0.0.1:9090.`);
    if (token === undefined) {
      throw new CommandError('usage', 'The address of an admin port is given, but no token.', {
        hint: 'pass --token TOKEN, or set TENFOLD_ADMIN_TOKEN.',
      });
    }
    return { admin, token };
  }
  if (meansCluster(choice, terminal)) {
    // Loaded only where there is one.
    const { openWay } = await import('../cluster/open-way.ts');
    return openLasting(context => openWay({ ...choice, context: context ?? choice.context }, terminal), terminal);
  }
  const start = resolve(terminal.cwd, choice.dir ?? '.');
  const found = await searchUpwards(start, choice.dir === undefined);
  if (!found) {
    throw new CommandError(
      'no-platform',
      `No application runs in ${start}${choice.dir === undefined ? ' or a folder above it' : ''}.`,
    );
  }
  if (!isAlive(found.content.pid)) {
    throw new CommandError('platform-gone', `${found.path} names process ${found.content.pid}, which has ended.`, {
      hint: `start it again with "tenfold dev ${dirname(dirname(found.path))}".`,
    });
  }
  const { addresses, adminToken, internalKeys } = found.content;
  return {
    admin: addresses.admin,
    token: token ?? adminToken,
    internal: { url: addresses.internal, keys: internalKeys },
    // Another application may run in a folder below or above it meanwhile.
    findAgain: () => findPlatform({ ...choice, dir: dirname(dirname(found.path)) }, terminal),
  };
}

/**
 * One way at a time, until the command ends. All later ones take the context of the first: the
 * current one of the kubeconfig may be that of another cluster meanwhile.
 */
async function openLasting(open: (context?: string) => Promise<Way>, terminal: Terminal): Promise<PlatformTarget> {
  let way = await open();
  let opening: Promise<PlatformTarget> | undefined;
  terminal.closers.push(() => way.close());
  const openAgain = async () => {
    way.close();
    way = await open(way.context);
    return toTarget(way);
  };
  const findAgain = () => {
    opening ??= openAgain().finally(() => {
      opening = undefined;
    });
    return opening;
  };
  const toTarget = ({ admin, token, namespace, whyUnreachable }: Way): PlatformTarget => ({
    admin,
    token,
    namespace,
    whyUnreachable,
    findAgain,
  });
  return toTarget(way);
}

function meansCluster(choice: PlatformChoice, { isPlugin }: Pick<Terminal, 'isPlugin'>): boolean {
  const { dir, kubeconfig, context, platformNamespace, serviceAccount } = choice;
  const named = [kubeconfig, context, platformNamespace, serviceAccount].some(option => option !== undefined);
  return named || (isPlugin && dir === undefined);
}

async function searchUpwards(
  start: string,
  climb: boolean,
): Promise<{ path: string; content: PlatformState } | undefined> {
  for (let folder = start; ; folder = dirname(folder)) {
    const path = join(folder, '.tenfold', 'platform.json');
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text !== undefined) return { path, content: parse(path, text) };
    if (!climb || folder === dirname(folder)) return undefined;
  }
}

function parse(path: string, text: string): PlatformState {
  try {
    const content: unknown = JSON.parse(text);
    if (isState(content)) return content;
  } catch {
    // Said below, as for any other text.
  }
  throw new CommandError('platform-gone', `${path} is not what a running platform writes.`, {
    hint: 'delete the file and start the application again.',
  });
}

/** Checked by hand: loading zod for this would double the time of a completion. */
function isState(content: unknown): content is PlatformState {
  if (!isObject(content) || !isObject(content['addresses']) || !isObject(content['internalKeys'])) return false;
  const { public: listener, internal, admin } = content['addresses'];
  const texts = [listener, internal, admin, content['adminToken'], ...Object.values(content['internalKeys'])];
  return Number.isInteger(content['pid']) && texts.every(text => typeof text === 'string');
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, under another user.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
