// Access with the ServiceAccount of the pod that this runs in.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TenfoldError } from '../../core/errors.ts';
import type { World } from '../../core/world.ts';
import type { ClusterAccess } from './cluster-access.ts';
import { readText } from './kube-object.ts';

const FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';
/** The kubelet replaces a token long before it ends; reading it this often is soon enough. */
const READ_AGAIN_MS = 60_000;

type Env = Readonly<Record<string, string | undefined>>;

export function isInPod(env: Env): boolean {
  return env['KUBERNETES_SERVICE_HOST'] !== undefined && env['KUBERNETES_SERVICE_PORT'] !== undefined;
}

export async function podAccess(world: World, env: Env, folder = FOLDER): Promise<ClusterAccess> {
  const host = env['KUBERNETES_SERVICE_HOST'] ?? '';
  const address = host.includes(':') ? `[${host}]` : host;
  const read = async (name: string) => {
    try {
      return (await readFile(join(folder, name), 'utf8')).trim();
    } catch (cause) {
      const what = `The pod has no ${join(folder, name)}. Give it a ServiceAccount, with automountServiceAccountToken: true.`;
      throw new TenfoldError('unauthenticated', what, { cause });
    }
  };
  let token = await read('token');
  let readAt = world.monotonic();
  return {
    server: `https://${address}:${env['KUBERNETES_SERVICE_PORT']}`,
    ca: await read('ca.crt'),
    namespace: await read('namespace'),
    pod: podOf(token),
    async token() {
      if (world.monotonic() - readAt >= READ_AGAIN_MS) {
        token = await read('token');
        readAt = world.monotonic();
      }
      return token;
    },
  };
}

/**
 * Tokens that a kubelet asks for say which pod they are for (`kubernetes.io` of
 * their claims); others do not.
 */
function podOf(token: string): ClusterAccess['pod'] {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    const name = readText(claims, 'kubernetes.io', 'pod', 'name');
    const uid = readText(claims, 'kubernetes.io', 'pod', 'uid');
    return name === undefined || uid === undefined ? undefined : { name, uid };
  } catch {
    return undefined;
  }
}
