// Toggles of the chart for who reaches what: services behind it, doors, network policies, metrics.
import { type Manifest, only, PLATFORM } from './helm.ts';
import { distributed } from './samples.ts';
import { ALL, configOf, NOTE, pod, type Toggle } from './toggle.ts';

const PEER = { ipBlock: { cidr: '10.0.0.0/8' } };
const COMPONENTS = ['gateway', 'operator', 'worker'];
const POLICIES = ['NetworkPolicy tenfold', 'NetworkPolicy tenfold-operator'];
const policyOf = (found: readonly Manifest[]) => only(found, 'NetworkPolicy', 'tenfold').spec;

export const ofListeners: Readonly<Record<string, Toggle>> = {
  'networkPolicy.enabled: false': { values: { networkPolicy: { enabled: false } }, takes: POLICIES },
  'networkPolicy.publicFrom': {
    values: { networkPolicy: { publicFrom: [{ ipBlock: { cidr: '10.0.0.0/8' } }] } },
    changes: ['NetworkPolicy tenfold'],
    look: [
      found => only(found, 'NetworkPolicy', 'tenfold').spec.ingress[0].from[0],
      { ipBlock: { cidr: '10.0.0.0/8' } },
    ],
  },
  'ingress.enabled': {
    values: { ingress: { enabled: true, hosts: ['a.example', 'b.example'] } },
    brings: ['Ingress tenfold'],
    look: [
      found => only(found, 'Ingress').spec.rules.map(({ host }: { host: string }) => host),
      ['a.example', 'b.example'],
    ],
  },
  'httpRoute.enabled': {
    values: { httpRoute: { enabled: true, parentRefs: [{ name: 'edge' }] } },
    brings: ['HTTPRoute tenfold'],
    look: [found => only(found, 'HTTPRoute').spec.rules[0].backendRefs, [{ name: 'tenfold', port: 80 }]],
  },
  'metrics.serviceMonitor.enabled': {
    values: { metrics: { serviceMonitor: { enabled: true } } },
    brings: ['ServiceMonitor tenfold'],
  },
  'metrics.prometheusRule.enabled': {
    values: { metrics: { prometheusRule: { enabled: true } } },
    brings: ['PrometheusRule tenfold'],
  },
  'metrics.dashboard.enabled': {
    values: { metrics: { dashboard: { enabled: true } } },
    brings: ['ConfigMap tenfold-dashboard'],
  },
  'service.type: LoadBalancer': {
    values: {
      service: { type: 'LoadBalancer', loadBalancerSourceRanges: ['10.0.0.0/8'], externalTrafficPolicy: 'Local' },
    },
    changes: ['Service tenfold'],
    look: [found => only(found, 'Service', 'tenfold').spec.externalTrafficPolicy, 'Local'],
  },
  publicTls: {
    values: { publicTls: { secretName: 'ours' } },
    changes: ['ConfigMap tenfold', 'Deployment tenfold', 'Service tenfold'],
    look: [
      found => [configOf(found).public.certificate, pod(found).volumes[1].projected.sources.at(-1).secret],
      [
        { cert: '/run/secrets/tenfold/public.crt', key: '/run/secrets/tenfold/public.key' },
        { name: 'ours', items: [{ key: 'tls.key', path: 'public.key' }] },
      ],
    ],
  },
  listeners: {
    values: { listeners: [{ name: 'green', port: 8443, namespaces: ['green'], tls: { secretName: 'ours' } }] },
    brings: ['Service tenfold-green'],
    changes: [...ALL, 'NetworkPolicy tenfold'],
    look: [
      found => [configOf(found).listeners, configOf(found, 'operator').listeners],
      [
        [
          {
            name: 'green',
            port: 8443,
            namespaces: ['green'],
            certificate: {
              cert: '/run/secrets/tenfold/listener-green.crt',
              key: '/run/secrets/tenfold/listener-green.key',
            },
          },
        ],
        [{ name: 'green', port: 8443, namespaces: ['green'] }],
      ],
    ],
  },
  publicNamespaces: {
    values: { publicNamespaces: ['shop', PLATFORM] },
    changes: ALL,
    look: [
      found => [configOf(found).public.namespaces, configOf(found, 'operator').public],
      [['shop', PLATFORM], { namespaces: ['shop', PLATFORM] }],
    ],
  },
  apiSecrets: {
    values: { apiSecrets: [{ namespace: 'shop', name: 'partners', secretName: 'ours' }] },
    changes: ['ConfigMap tenfold', 'Deployment tenfold'],
    look: [
      found => [configOf(found).cluster.secrets, JSON.stringify(pod(found).volumes).includes('"ours"')],
      ['/run/secrets/apis', true],
    ],
  },
  'config.callInstances: false': {
    values: { config: { callInstances: false } },
    changes: ['ConfigMap tenfold', 'Deployment tenfold'],
    look: [found => configOf(found).cluster.callInstances, false],
  },
  'kafka.tls.enabled': {
    base: distributed,
    values: { kafka: { brokers: ['kafka-0.kafka:9093'], tls: { enabled: true } } },
    changes: ['ConfigMap tenfold', ...COMPONENTS.map(name => `Deployment tenfold-${name}`)],
    look: [found => configOf(found).log.kafka.tls, {}],
  },
  'redis.tls.enabled': {
    base: distributed,
    values: { redis: { urls: ['rediss://redis:6379'], tls: { enabled: true } } },
    changes: ['ConfigMap tenfold', 'Deployment tenfold-gateway', 'Deployment tenfold-worker'],
    look: [found => configOf(found).store.redis.tls, {}],
  },
  'elasticsearch by password': {
    values: {
      elasticsearch: {
        nodes: ['https://search:9200'],
        username: 'us',
        passwordSecret: { name: 'ours', key: 'password' },
      },
    },
    changes: ['ConfigMap tenfold', 'Deployment tenfold'],
    look: [
      found => configOf(found).search.elasticsearch.password,
      { file: '/run/secrets/tenfold/elasticsearch-password' },
    ],
  },
  'networkPolicy.internalFrom': {
    values: { networkPolicy: { internalFrom: [PEER] } },
    changes: ['NetworkPolicy tenfold'],
    look: [found => policyOf(found).ingress[1].from.at(-1), PEER],
  },
  'networkPolicy.adminFrom': {
    values: { networkPolicy: { adminFrom: [PEER] } },
    changes: POLICIES,
    look: [found => policyOf(found).ingress[2].from.slice(1), [PEER]],
  },
  'networkPolicy.adminFrom: nobody': {
    values: { networkPolicy: { adminFrom: [] } },
    changes: POLICIES,
    look: [found => policyOf(found).ingress[2].from.length, 1],
  },
  'networkPolicy.blockedEgress': {
    values: { networkPolicy: { blockedEgress: ['10.9.0.0/16'] } },
    changes: POLICIES,
    look: [found => policyOf(found).egress[1].to[1].ipBlock, { cidr: '0.0.0.0/0', except: ['10.9.0.0/16'] }],
  },
  'networkPolicy.blockedEgress: nothing': {
    values: { networkPolicy: { blockedEgress: [] } },
    changes: POLICIES,
    look: [found => policyOf(found).egress[1].to[1].ipBlock, { cidr: '0.0.0.0/0' }],
  },
  'service.annotations': {
    values: { service: { annotations: NOTE } },
    changes: ['Service tenfold'],
    look: [found => only(found, 'Service', 'tenfold').metadata.annotations, NOTE],
  },
  'ingress.annotations': {
    base: { ingress: { enabled: true } },
    values: { ingress: { enabled: true, annotations: NOTE } },
    changes: ['Ingress tenfold'],
    look: [found => only(found, 'Ingress').metadata.annotations, NOTE],
  },
  'httpRoute.annotations': {
    base: { httpRoute: { enabled: true, parentRefs: [{ name: 'edge' }] } },
    values: { httpRoute: { enabled: true, parentRefs: [{ name: 'edge' }], annotations: NOTE } },
    changes: ['HTTPRoute tenfold'],
    look: [found => only(found, 'HTTPRoute').metadata.annotations, NOTE],
  },
  'metrics.serviceMonitor.labels': {
    base: { metrics: { serviceMonitor: { enabled: true } } },
    values: { metrics: { serviceMonitor: { enabled: true, labels: NOTE } } },
    changes: ['ServiceMonitor tenfold'],
    look: [found => only(found, 'ServiceMonitor').metadata.labels?.['example.com/of'], 'ours'],
  },
  'metrics.prometheusRule.labels': {
    base: { metrics: { prometheusRule: { enabled: true } } },
    values: { metrics: { prometheusRule: { enabled: true, labels: NOTE } } },
    changes: ['PrometheusRule tenfold'],
    look: [found => only(found, 'PrometheusRule').metadata.labels?.['example.com/of'], 'ours'],
  },
  'metrics.dashboard.annotations': {
    base: { metrics: { dashboard: { enabled: true } } },
    values: { metrics: { dashboard: { enabled: true, annotations: NOTE } } },
    changes: ['ConfigMap tenfold-dashboard'],
    look: [found => only(found, 'ConfigMap', 'tenfold-dashboard').metadata.annotations, NOTE],
  },
};
