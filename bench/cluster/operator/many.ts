// A thousand resources of five kinds, as `kubectl apply` brings them, and a kubelet's part of
// making the Functions among them ready.
import { API_VERSION } from '../../../resources/kinds/index.ts';
import type { Kind } from '../../../resources/kinds/kind-names.ts';
import type { ControlPlane } from '../../../test/cluster/control-plane.ts';
import { message, pathOf } from '../../../test/cluster/installed-crds.ts';

export interface Wanted {
  readonly kind: Kind;
  readonly name: string;
  readonly spec: object;
}

/** Connections that apply. */
export const AT_ONCE = 8;
const LOOK_EVERY_MS = 250;
const FUNCTIONS = 200;

const listOf = (kind: Kind, count: number, specOf: (index: number) => object): Wanted[] =>
  Array.from({ length: count }, (_, index) => ({ kind, name: `${kind.toLowerCase()}-${index}`, spec: specOf(index) }));
const toOne = (index: number) => ({ function: `function-${index % FUNCTIONS}` });

export const functionOf = (version: string): object => ({
  image: `ghcr.io/acme/menu:${version}`,
  scale: { replicas: 1 },
});

/** 701. */
export const functionsAndSubscriptions: readonly Wanted[] = [
  ...listOf('Topic', 1, () => ({})),
  ...listOf('Function', FUNCTIONS, index => functionOf(String(index))),
  ...listOf('Subscription', 500, index => ({ topic: 'topic-0', to: toOne(index) })),
];

/** 299 more. */
export const theRest: readonly Wanted[] = [
  ...listOf('Topic', 101, () => ({})).slice(1),
  ...listOf('Api', 100, index => ({ routes: [{ match: { path: `/path-${index}` }, to: toOne(index) }] })),
  ...listOf('Queue', 99, index => ({ to: toOne(index) })),
];

export async function applyAll(plane: ControlPlane, all: readonly Wanted[]): Promise<void> {
  const left = all.values();
  const applyNext = async () => {
    for (const { kind, name, spec } of left) {
      const manifest = { apiVersion: API_VERSION, kind, metadata: { name, namespace: 'default' }, spec };
      const answer = await plane.client.apply(pathOf(kind, name), manifest);
      if (answer.status >= 300) throw new Error(`${kind} ${name}: ${message(answer)}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, applyNext));
}

/**
 * Says that each pod is ready once it is there, as a kubelet does, until all of `wanted` are ready.
 */
export async function untilReady(plane: ControlPlane, wanted: readonly Wanted[], withinMs: number): Promise<void> {
  const end = Date.now() + withinMs;
  const done = new Set<string>();
  for (;;) {
    const { items } = await list(plane, '/api/v1/namespaces/default/pods');
    for (const { metadata } of items) {
      if (done.has(metadata.name)) continue;
      done.add(metadata.name);
      const path = `/api/v1/namespaces/default/pods/${metadata.name}/status`;
      await plane.client.request('PATCH', path, { status: RUNNING }, 'application/merge-patch+json');
    }
    const missing = await notReady(plane, wanted);
    if (missing.length === 0) return;
    if (Date.now() > end)
      throw new Error(`not ready within ${withinMs} ms: ${missing.length}, such as ${missing.slice(0, 3).join(', ')}`);
    await new Promise(resolve => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

const RUNNING = {
  phase: 'Running',
  conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' }],
};

interface Listed {
  readonly metadata: { readonly name: string; readonly generation: number };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

async function list(plane: ControlPlane, path: string): Promise<{ readonly items: readonly Listed[] }> {
  return (await plane.client.request('GET', path)).body;
}

async function notReady(plane: ControlPlane, wanted: readonly Wanted[]): Promise<string[]> {
  const missing: string[] = [];
  for (const [kind, all] of Map.groupBy(wanted, one => one.kind)) {
    const { items } = await list(plane, pathOf(kind));
    const ready = new Set(items.filter(isReady).map(({ metadata }) => metadata.name));
    missing.push(...all.filter(({ name }) => !ready.has(name)).map(({ name }) => name));
  }
  return missing;
}

function isReady({ metadata, status }: Listed): boolean {
  return (
    status?.observedGeneration === metadata.generation &&
    (status.conditions ?? []).some(({ type, status: is }) => type === 'Ready' && is === 'True')
  );
}
