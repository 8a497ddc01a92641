// Installs the CRDs into a control plane and talks to their objects.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { crdFileName } from '../../resources/generate/crd.ts';
import { exampleOf } from '../../resources/generate/kind-page.ts';
import { GROUP, kinds, VERSION } from '../../resources/kinds/index.ts';
import { type Kind, kindNames } from '../../resources/kinds/kind-names.ts';
import type { KubeAnswer, KubeClient } from './kube-client.ts';

/** The first run on a machine builds the control plane. */
export const BUILD_AND_START_MS = 15 * 60_000;

const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const SERVED_WITHIN_MS = 3 * 60_000;

/** A folder, as `kubectl apply -f` takes it. */
export const CRD_FILES = fileURLToPath(new URL('../../k8s/crds', import.meta.url));

/** Applies the generated files and waits until objects of every kind can be written. */
export async function installCrds(client: KubeClient): Promise<void> {
  for (const kind of kindNames) {
    const applied = await client.apply(crdPath(kind), parse(readFileSync(join(CRD_FILES, crdFileName(kind)), 'utf8')));
    assert.ok(applied.status < 300, `${kind}: ${message(applied)}`);
  }
  for (const kind of kindNames) await untilServed(client, kind);
}

export async function conditionsOf(client: KubeClient, kind: Kind): Promise<Record<string, string>> {
  const { body } = await client.request('GET', crdPath(kind));
  const conditions: { type: string; status: string }[] = body.status?.conditions ?? [];
  return Object.fromEntries(conditions.map(({ type, status }) => [type, status]));
}

export function pathOf(kind: Kind, name?: string): string {
  const collection = `/apis/${GROUP}/${VERSION}/namespaces/default/${kinds[kind].plural}`;
  return name === undefined ? collection : `${collection}/${name}`;
}

// biome-ignore lint/suspicious/noExplicitAny: examples are changed in ways that their types forbid
export type Manifest = any;

/** A fresh copy of the example of a kind, under the given name. */
export function example(kind: Kind, name?: string): Manifest {
  const manifest = parse(exampleOf(kind));
  return name === undefined ? manifest : { ...manifest, metadata: { ...manifest.metadata, name } };
}

export function message(answer: KubeAnswer): string {
  return String(answer.body?.message ?? JSON.stringify(answer.body));
}

export function crdPath(kind: Kind): string {
  return `${CRDS}/${kinds[kind].plural}.${GROUP}`;
}

async function untilServed(client: KubeClient, kind: Kind): Promise<void> {
  const deadline = Date.now() + SERVED_WITHIN_MS;
  while ((await client.request('GET', pathOf(kind))).status !== 200) {
    if (Date.now() > deadline)
      throw new Error(`${kind} is not served: ${JSON.stringify(await conditionsOf(client, kind))}`);
    await new Promise(resolve => setTimeout(resolve, 50));
  }
}
