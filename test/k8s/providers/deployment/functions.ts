// Functions for tests of providers, from the least that can be said to all of it.
import { toResource } from '../../../../k8s/catalog/to-resource.ts';
import { API_VERSION } from '../../../../resources/kinds/index.ts';
import type { Resource } from '../../../../resources/resource.ts';

export const owner = { apiVersion: API_VERSION, kind: 'Function', name: 'menu', uid: 'd7f6', controller: true };
export const context = { owner, platformNamespace: 'tenfold-system' };

export function functionOf(
  spec: object,
  name = 'menu',
  namespace = 'default',
  annotations: Readonly<Record<string, string>> = {},
): Resource<'Function'> {
  const parsed = toResource('Function', {
    apiVersion: API_VERSION,
    kind: 'Function',
    metadata: { name, namespace, annotations },
    spec,
  });
  if ('problems' in parsed) throw new Error(parsed.problems.map(one => one.message).join());
  if (parsed.resource.kind !== 'Function') throw new Error('It is no Function.');
  return parsed.resource;
}

export const variants: Readonly<Record<string, object>> = {
  least: { image: 'ghcr.io/acme/menu:1' },
  'a fixed number': { image: 'ghcr.io/acme/menu:1', scale: { replicas: 3 } },
  stopped: { image: 'ghcr.io/acme/menu:1', scale: { replicas: 0 } },
  'a single instance': { image: 'ghcr.io/acme/menu:1', scale: { min: 1, max: 1 } },
  'all there is': {
    image: 'ghcr.io/acme/menu@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef',
    timeout: '1m30s',
    concurrency: 10,
    maxBody: '2Mi',
    port: 3000,
    visibility: 'cluster',
    scale: { min: 2, max: 10 },
    serviceAccount: 'menu',
    imagePullSecrets: ['registry'],
    env: [
      { name: 'CURRENCY', value: 'EUR' },
      { name: 'EMPTY', value: '' },
      { name: 'DATABASE_URL', valueFrom: { secretKeyRef: { name: 'database', key: 'url' } } },
      { name: 'FLAGS', valueFrom: { configMapKeyRef: { name: 'flags', key: 'all', optional: true } } },
    ],
    resources: {
      requests: { cpu: '1500m', memory: '1024Mi', 'ephemeral-storage': '0.5Gi' },
      limits: { cpu: '2', memory: '2Gi', 'ephemeral-storage': '1Gi' },
    },
  },
};
