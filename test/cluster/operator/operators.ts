// Operators of ours against a control plane, with the rights that the
// manifests give them and no more.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { realWorld } from '../../../core/world.ts';
import { createKubeClient, type KubeClient } from '../../../k8s/api/kube-client.ts';
import { type ApiResource, collectionPath, type KubeObject, objectPath } from '../../../k8s/api/kube-object.ts';
import type { Log } from '../../../k8s/api/outages.ts';
import { type Operator, type OperatorOptions, startOperator } from '../../../k8s/operator/run-operator.ts';
import { deploymentProvider } from '../../../k8s/providers/deployment/provider.ts';
import { API_VERSION } from '../../../resources/kinds/index.ts';
import type { Kind } from '../../../resources/kinds/kind-names.ts';
import { eventually } from '../../eventually.ts';
import { type ControlPlane, type ControlPlaneOptions, startControlPlane } from '../control-plane.ts';
import { installCrds, message, pathOf } from '../installed-crds.ts';

export const PLATFORM = 'tenfold-system';
export const CONTROLLERS = ['deployment-controller', 'replicaset-controller', 'garbage-collector-controller'];
const RBAC = 'rbac.authorization.k8s.io';
const POLICIES = '/apis/admissionregistration.k8s.io/v1';

export function accountOf(component: string) {
  return {
    token: `token-of-${component}`,
    name: `system:serviceaccount:${PLATFORM}:tenfold-${component}`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${PLATFORM}`, 'system:authenticated'],
  };
}

export const withAccounts: ControlPlaneOptions = {
  users: ['operator', 'gateway', 'worker'].map(accountOf),
};

/** The manifests of a component, as `kubectl apply -f` takes them. */
export function rbacOf(component: string): KubeObject[] {
  const file = new URL(`../../../k8s/rbac/${component}.yaml`, import.meta.url);
  return parseAllDocuments(readFileSync(file, 'utf8')).map(document => document.toJS());
}

/** As `asked` has it. */
export function grantedTo(component: string): string[] {
  return rbacOf(component)
    .flatMap(({ rules }) => (Array.isArray(rules) ? rules : []))
    .flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap((group: string) =>
        resources.flatMap((resource: string) => verbs.map((verb: string) => `${verb} ${group}/${resource}`)),
      ),
    );
}

/** A control plane that knows our kinds, and has the accounts of the platform with their rights. */
export async function startPlane(options: ControlPlaneOptions = withAccounts): Promise<ControlPlane> {
  const plane = await startControlPlane(options);
  try {
    await installCrds(plane.client);
    await installRbac(plane);
    return plane;
  } catch (error) {
    await plane.close();
    throw error;
  }
}

async function installRbac(plane: ControlPlane): Promise<void> {
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: PLATFORM } };
  await plane.client.apply(`/api/v1/namespaces/${PLATFORM}`, namespace);
  for (const object of ['operator', 'gateway', 'worker'].flatMap(rbacOf)) await install(plane, object);
  for (const policy of ['operator-policy', 'operator-accounts']) await installPolicy(plane, policy);
}

/** Of admission. It holds a moment later. */
export async function installPolicy(plane: ControlPlane, file: string): Promise<void> {
  for (const object of rbacOf(file)) {
    const plural = `${object.kind.toLowerCase().replace(/y$/, 'ie')}s`;
    const answer = await plane.client.apply(`${POLICIES}/${plural}/${object.metadata.name}`, object);
    assert.ok(answer.status < 300, message(answer));
  }
}

/** What a namespace gives for Functions to be restarted, in "default". */
export async function installRestarts(plane: ControlPlane): Promise<void> {
  for (const object of rbacOf('operator-restarts')) await install(plane, object);
}

async function install(plane: ControlPlane, object: KubeObject): Promise<void> {
  const { name, namespace: inside } = object.metadata;
  const plural = `${object.kind.toLowerCase()}s`;
  const resource: ApiResource =
    object.kind === 'ServiceAccount'
      ? { group: '', version: 'v1', plural, kind: object.kind }
      : { group: RBAC, version: 'v1', plural, kind: object.kind };
  const path = inside === undefined ? `${collectionPath(resource)}/${name}` : objectPath(resource, inside, name);
  const answer = await plane.client.apply(path, object);
  assert.ok(answer.status < 300, message(answer));
}

export interface RunningOperator extends Operator {
  readonly lines: readonly string[];
  readonly client: KubeClient;
}

/** Short, so that tests need not wait for a lease of 15 s. */
const FAST = { leaseMs: 2000, renewWithinMs: 1200, retryMs: 200 };

export function clientAs(plane: Pick<ControlPlane, 'url' | 'ca'>, component: string, url = plane.url): KubeClient {
  const { token } = accountOf(component);
  const access = { server: url, ca: plane.ca, namespace: PLATFORM, token: async () => token };
  return createKubeClient(access, 'tenfold-test');
}

export function runOperator(
  plane: Pick<ControlPlane, 'url' | 'ca'>,
  options: Partial<OperatorOptions> & { readonly url?: string } = {},
): RunningOperator {
  const client = clientAs(plane, 'operator', options.url);
  const lines: string[] = [];
  const log: Log = (level, text, fields) => void lines.push(`${level} ${text} ${JSON.stringify(fields ?? {})}`);
  const operator = startOperator({
    client,
    world: realWorld,
    log,
    identity: `operator-${realWorld.id()}`,
    platformNamespace: PLATFORM,
    providers: [deploymentProvider],
    times: FAST,
    ...options,
  });
  return {
    lines,
    client,
    synced: operator.synced,
    stats: operator.stats,
    get isLeader() {
      return operator.isLeader;
    },
    async close() {
      await operator.close();
      await client.close();
    },
  };
}

/** What people and tests do with kubectl. */
export function kubectl(plane: ControlPlane) {
  const get = async (path: string) => (await plane.client.request('GET', path)).body;
  const conditionOf = async (kind: Kind, name: string, type: string) => {
    const { metadata, status } = await get(pathOf(kind, name));
    const found = (status?.conditions ?? []).find((one: { type: string }) => one.type === type);
    return found?.observedGeneration === metadata?.generation ? found : undefined;
  };
  return {
    get,
    async apply(kind: Kind, name: string, spec: object): Promise<void> {
      const manifest = { apiVersion: API_VERSION, kind, metadata: { name, namespace: 'default' }, spec };
      const answer = await plane.client.apply(pathOf(kind, name), manifest);
      assert.ok(answer.status < 300, message(answer));
    },
    remove: (kind: Kind, name: string) => plane.client.request('DELETE', pathOf(kind, name)),
    conditionOf,
    /** As `kubectl wait --for=condition=TYPE=STATUS`, with the reason. */
    async wait(kind: Kind, name: string, type: string, expected: string, withinMs = 2 * 60_000) {
      let last: { status: string; reason: string; message: string } | undefined;
      const holds = async () => {
        last = await conditionOf(kind, name, type);
        return last !== undefined && `${last.status} ${last.reason}` === expected;
      };
      await eventually(holds, `${type} of ${kind} ${name}: ${expected}`, withinMs).catch(error => {
        throw new Error(`${error.message}; it is ${JSON.stringify(last)}`);
      });
      return last?.message ?? '';
    },
    /** What a kubelet would do. */
    async makePodsReady(fn: string): Promise<number> {
      const { items } = await get(`/api/v1/namespaces/default/pods?labelSelector=tenfold.dev/function%3D${fn}`);
      for (const { metadata } of items) {
        const status = {
          phase: 'Running',
          conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' }],
        };
        const path = `/api/v1/namespaces/default/pods/${metadata.name}/status`;
        await plane.client.request('PATCH', path, { status }, 'application/merge-patch+json');
      }
      return items.length;
    },
  };
}

/**
 * What an account asked for, as `verb group/resource[/subresource]`. An apply that makes an object
 * needs the right to create it.
 */
export function asked(plane: ControlPlane, component: string, from = 0): string[] {
  return askedBy(plane, accountOf(component).name, from);
}

/** The same of any user. */
export function askedBy(plane: ControlPlane, name: string, from = 0): string[] {
  return plane
    .audit()
    .slice(from)
    .filter(({ user, objectRef }) => user.username === name && objectRef?.resource !== undefined)
    .flatMap(({ verb, objectRef, responseStatus }) => {
      const { apiGroup = '', resource = '', subresource } = objectRef ?? {};
      const what = `${apiGroup}/${resource}${subresource === undefined ? '' : `/${subresource}`}`;
      const verbs = verb === 'patch' && responseStatus?.code === 201 ? [verb, 'create'] : [verb];
      return verbs.map(one => `${one} ${what}`);
    });
}
