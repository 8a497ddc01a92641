// A small application in a folder, and a person who may bring it into a cluster
// and do nothing else there.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, realpath, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ControlPlane } from '../control-plane.ts';
import { message } from '../installed-crds.ts';
import { rbacOf } from '../operator/operators.ts';

export const deployer = { token: 'token-of-dora', name: 'dora', groups: ['system:authenticated'] };

export const SHOP: Readonly<Record<string, string>> = {
  'app.yaml': `apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: orders, labels: { team: bar } }
spec:
  source: ./orders.ts
  timeout: 5s
---
apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: ordered }
spec: {}
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  routes:
    - match: { path: /orders }
      to: { function: orders }
  graphql:
    schema: ./shop.graphql
    resolvers:
      Query.order: { to: { function: orders } }
`,
  'orders.ts': `import { http } from 'tenfold';\nimport { price } from './price.ts';\nexport default http(() => ({ price: price(2) }));\n`,
  'price.ts': 'export const price = (count: number): number => count * 3;\n',
  'shop.graphql': 'type Query { order: String }\n',
};

export async function writeShop(files: Readonly<Record<string, string>> = SHOP): Promise<string> {
  const folder = join(await realpath(await mkdtemp(join(tmpdir(), 'tenfold-apply-'))), 'corner-shop');
  await change(folder, files);
  return folder;
}

export async function change(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

/**
 * Gives `deployer` roles of the manifests in a namespace, which is made; answers
 * with a kubeconfig of his.
 */
export async function letDeploy(
  plane: ControlPlane,
  namespace: string,
  roles: readonly string[] = ['tenfold-deployer'],
): Promise<string> {
  const rbac = '/apis/rbac.authorization.k8s.io/v1';
  const given = rbacOf('deployer').filter(({ metadata }) => roles.includes(metadata.name));
  assert.equal(given.length, roles.length);
  const space = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };
  const objects: (readonly [path: string, object: object])[] = [[`/api/v1/namespaces/${namespace}`, space]];
  for (const role of given) {
    const { name } = role.metadata;
    const binding = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name, namespace },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: deployer.name }],
    };
    objects.push(
      [`${rbac}/clusterroles/${name}`, role],
      [`${rbac}/namespaces/${namespace}/rolebindings/${name}`, binding],
    );
  }
  for (const [path, object] of objects) {
    const answer = await plane.client.apply(path, object);
    assert.ok(answer.status < 300, message(answer));
  }
  const file = join(await mkdtemp(join(tmpdir(), 'tenfold-kubeconfig-')), 'config');
  const ca = Buffer.from(plane.ca).toString('base64');
  await writeFile(
    file,
    JSON.stringify({
      'current-context': 'test',
      contexts: [{ name: 'test', context: { cluster: 'test', user: 'dora', namespace } }],
      clusters: [{ name: 'test', cluster: { server: plane.url, 'certificate-authority-data': ca } }],
      users: [{ name: 'dora', user: { token: deployer.token } }],
    }),
    { mode: 0o600 },
  );
  return file;
}
