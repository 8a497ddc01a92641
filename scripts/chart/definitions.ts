// The common parts of several values of the chart, or values as Kubernetes has them: JSON Schemas
// that refuse what they do not know.
import type { Schema } from './values.ts';

const text: Schema = { type: 'string' };
const name: Schema = { type: 'string', minLength: 1 };
const texts: Schema = { type: 'array', items: name };
const strings: Schema = { type: 'object', additionalProperties: text };
const quantity: Schema = {
  type: ['string', 'integer'],
  pattern: '^[0-9]+(\\.[0-9]+)?(m|k|Ki|M|Mi|G|Gi|T|Ti)?$',
};

function closed(properties: Readonly<Record<string, Schema>>, ...required: readonly string[]): Schema {
  return { type: 'object', properties, additionalProperties: false, ...(required.length > 0 ? { required } : {}) };
}

const list = (items: Schema): Schema => ({ type: 'array', items });
const ref = (definition: string): Schema => ({ $ref: `#/$defs/${definition}` });

const expression = closed(
  { key: name, operator: { enum: ['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt'] }, values: list(text) },
  'key',
  'operator',
);
const selector = closed({ matchLabels: ref('labels'), matchExpressions: list(expression) });
const nodeTerm = closed({ matchExpressions: list(expression), matchFields: list(expression) });
const podTerm = closed(
  {
    topologyKey: name,
    labelSelector: selector,
    namespaceSelector: selector,
    namespaces: texts,
    matchLabelKeys: texts,
    mismatchLabelKeys: texts,
  },
  'topologyKey',
);
const weighted = (field: string, term: Schema): Schema =>
  closed({ weight: { type: 'integer', minimum: 1, maximum: 100 }, [field]: term }, 'weight', field);
const podAffinity = closed({
  requiredDuringSchedulingIgnoredDuringExecution: list(podTerm),
  preferredDuringSchedulingIgnoredDuringExecution: list(weighted('podAffinityTerm', podTerm)),
});
const keyRef = closed({ name, key: name, optional: { type: 'boolean' } }, 'name', 'key');

const namespaces: Schema = {
  type: 'array',
  items: { type: 'string', pattern: '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$' },
  uniqueItems: true,
};
const count: Schema = { type: 'integer', minimum: 1, maximum: 1_000_000 };
const portNumber = (minimum: number): Schema => ({ type: 'integer', minimum, maximum: 65_535 });

/** `listeners` of the configuration, and the Service in front. */
const listener = closed(
  {
    name: {
      type: 'string',
      maxLength: 15,
      pattern: '^[a-z](-?[a-z0-9])*$',
      not: { enum: ['public', 'internal', 'admin', 'metrics'] },
    },
    port: { ...portNumber(1024), not: { enum: [8080, 8081, 9090] } },
    namespaces: { ...namespaces, minItems: 1 },
    hosts: { ...texts, minItems: 1 },
    tls: closed({ secretName: text }),
    trustedProxies: texts,
    connections: closed({ max: count, perClient: count, idleSeconds: { ...count, maximum: 86_400 } }),
    service: closed({
      type: { enum: ['ClusterIP', 'NodePort', 'LoadBalancer'] },
      port: portNumber(1),
      nodePort: portNumber(0),
      annotations: ref('annotations'),
      loadBalancerSourceRanges: texts,
      externalTrafficPolicy: { enum: ['Cluster', 'Local'] },
    }),
    from: list(ref('peer')),
  },
  'name',
  'port',
  'namespaces',
);

const toleration = closed({
  key: text,
  operator: { enum: ['Exists', 'Equal'] },
  value: text,
  effect: { enum: ['NoSchedule', 'PreferNoSchedule', 'NoExecute'] },
  tolerationSeconds: { type: 'integer' },
});
const affinity = closed({
  nodeAffinity: closed({
    requiredDuringSchedulingIgnoredDuringExecution: closed({ nodeSelectorTerms: list(nodeTerm) }, 'nodeSelectorTerms'),
    preferredDuringSchedulingIgnoredDuringExecution: list(weighted('preference', nodeTerm)),
  }),
  podAffinity,
  podAntiAffinity: podAffinity,
});

/** A role for a user or for a group. */
const roleOf = closed(
  { group: name, user: name, role: { enum: ['viewer', 'operator', 'admin'] }, namespaces: list(name) },
  'role',
);

export const definitions: Readonly<Record<string, Schema>> = {
  routeOwners: {
    type: 'object',
    additionalProperties: { type: 'string', pattern: '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$' },
  },
  listener,
  labels: strings,
  annotations: strings,
  quantity,
  seconds: { type: 'integer', minimum: 0, maximum: 3600 },
  id: { type: ['integer', 'null'], minimum: 1 },
  secretKey: closed({ name: text, key: name }),
  proxy: closed({ secretHeader: name, userHeader: name, groupsHeader: name, roles: list(roleOf) }),
  oidc: closed({
    issuer: name,
    audience: name,
    jwksUri: name,
    algorithms: list(name),
    clockSkew: name,
    usernameClaim: name,
    groupsClaim: name,
    roles: list(roleOf),
  }),
  apiSecret: closed({ namespace: name, name, secretName: name }, 'namespace', 'name', 'secretName'),
  resources: closed({
    requests: closed({ cpu: quantity, memory: quantity, 'ephemeral-storage': quantity }),
    limits: closed({ cpu: { oneOf: [quantity, { type: 'null' }] }, memory: quantity, 'ephemeral-storage': quantity }),
  }),
  toleration,
  affinity,
  placement: closed({
    nodeSelector: strings,
    tolerations: list(toleration),
    affinity,
    priorityClassName: text,
  }),
  env: closed(
    {
      name,
      value: text,
      valueFrom: closed({
        secretKeyRef: keyRef,
        configMapKeyRef: keyRef,
        fieldRef: closed({ fieldPath: name, apiVersion: text }, 'fieldPath'),
        resourceFieldRef: closed({ resource: name, containerName: text, divisor: quantity }, 'resource'),
      }),
    },
    'name',
  ),
  ingressTls: closed({ hosts: texts, secretName: name }),
  parentRef: closed(
    {
      group: text,
      kind: name,
      name,
      namespace: name,
      sectionName: name,
      port: { type: 'integer', minimum: 1, maximum: 65535 },
    },
    'name',
  ),
  peer: closed({
    namespaceSelector: selector,
    podSelector: selector,
    ipBlock: closed({ cidr: name, except: texts }, 'cidr'),
  }),
};
