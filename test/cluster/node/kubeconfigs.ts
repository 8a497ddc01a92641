// Who may ask the API server of a node: a token for each part, and what each part reads to find it.
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { API_PORT, NODE_ADDRESS } from './addresses.ts';

const PARTS = {
  admin: { user: 'admin', groups: 'system:masters' },
  'kube-controller-manager': { user: 'system:kube-controller-manager', groups: '' },
  'kube-scheduler': { user: 'system:kube-scheduler', groups: '' },
  kubelet: { user: 'system:node:node', groups: 'system:nodes' },
  'kube-proxy': { user: 'system:kube-proxy', groups: '' },
  coredns: { user: 'coredns', groups: 'system:masters' },
} as const;
type Part = keyof typeof PARTS;

export const API_SERVER = `https://${NODE_ADDRESS}:${API_PORT}`;

export const kubeconfigOf = (folder: string, part: Part): string => join(folder, `${part}.kubeconfig`);

/**
 * Writes `tokens.csv` and a kubeconfig for each part; the authority in them is read when they are
 * used. Gives the administrator's token.
 */
export async function writeCredentials(folder: string): Promise<string> {
  const parts = (Object.keys(PARTS) as Part[]).map(part => ({
    part,
    ...PARTS[part],
    token: randomBytes(16).toString('hex'),
  }));
  const lines = parts.map(({ user, groups, token }) => `${token},${user},${user},"${groups}"\n`);
  await writeFile(join(folder, 'tokens.csv'), lines.join(''), { mode: 0o600 });
  for (const { part, token } of parts)
    await writeFile(kubeconfigOf(folder, part), kubeconfig(folder, token), { mode: 0o600 });
  return parts[0]?.token ?? '';
}

function kubeconfig(folder: string, token: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'node',
    contexts: [{ name: 'node', context: { cluster: 'node', user: 'node' } }],
    clusters: [
      { name: 'node', cluster: { server: API_SERVER, 'certificate-authority': join(folder, 'apiserver.crt') } },
    ],
    users: [{ name: 'node', user: { token } }],
  });
}
