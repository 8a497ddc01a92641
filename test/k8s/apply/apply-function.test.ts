// Which code of versions before stays when a Function is applied.
import assert from 'node:assert/strict';
import type { KubeObject } from '../../../k8s/api/kube-object.ts';
import { applyFunction } from '../../../k8s/apply/apply-function.ts';
import type { Writer } from '../../../k8s/apply/writer.ts';
import { API_VERSION } from '../../../resources/kinds/index.ts';

const old = ['a', 'b', 'c', 'd'].map(
  (letter, day): KubeObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `fn-menu-source-${letter}`, creationTimestamp: `2026-01-0${day + 1}T00:00:00Z` },
  }),
);
const fn = (spec: object): KubeObject => ({
  apiVersion: API_VERSION,
  kind: 'Function',
  metadata: { name: 'menu', namespace: 'shop', uid: 'u' },
  spec,
});
const canary = { canary: { percent: 10 } };

describe('Code of the versions before', () => {
  const rows: readonly [name: string, before: object, now: object, removed: readonly string[]][] = [
    ['goes, but for the newest two', {}, {}, ['fn-menu-source-b', 'fn-menu-source-a']],
    ['stays with a canary, behind which any of them may still run', canary, canary, []],
    ['stays when a canary begins', {}, canary, []],
    ['stays when a canary ends, until the next time', canary, {}, []],
  ];
  for (const [name, before, now, expected] of rows) {
    it(name, async () => {
      const removed: string[] = [];
      const writer = {
        list: async () => old,
        apply: async (_resource: object, object: KubeObject) => object,
        adopt: async () => {},
        remove: async (_resource: object, { metadata }: KubeObject) => void removed.push(metadata.name),
      } as unknown as Writer;
      const bundle = { hash: 'f', bytes: new Uint8Array() };
      await applyFunction(writer, { object: fn(now), bundle, application: undefined, live: fn(before) });
      assert.deepEqual(removed, expected);
    });
  }
});
