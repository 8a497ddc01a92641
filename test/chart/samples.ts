// Values of installations that tests look at: what a newcomer has, what a platform team has,
// and everything switched on.

export const distributed = {
  mode: 'distributed',
  kafka: { brokers: ['kafka-0.kafka:9092', 'kafka-1.kafka:9092'] },
  redis: { urls: ['redis://redis:6379'] },
};

const secret = (name: string, key: string) => ({ name, key });
const tls = (name: string) => ({
  enabled: true,
  caSecret: secret(name, 'ca.crt'),
  certSecret: secret(name, 'tls.crt'),
  keySecret: secret(name, 'tls.key'),
  servername: `${name}.internal`,
});

export const everything = {
  mode: 'distributed',
  commonLabels: { team: 'shop' },
  routeOwners: { 'shop.example.com': 'shop', '/billing': 'billing' },
  listeners: [
    {
      name: 'billing',
      port: 8443,
      namespaces: ['billing'],
      hosts: ['billing.example.com'],
      tls: { secretName: 'billing-tls' },
      trustedProxies: ['10.1.0.0/16'],
      connections: { max: 500, perClient: 50, idleSeconds: 60 },
      service: {
        type: 'LoadBalancer',
        port: 8443,
        nodePort: 30443,
        annotations: { 'example.com/team': 'billing' },
        loadBalancerSourceRanges: ['10.0.0.0/8'],
        externalTrafficPolicy: 'Local',
      },
      from: [{ ipBlock: { cidr: '10.0.0.0/8' } }],
    },
  ],
  config: {
    trustedProxies: ['10.0.0.0/8'],
    allowedAddresses: ['10.96.0.1'],
    adminHosts: ['metrics.shop.example'],
    callbackHosts: ['hooks.shop.svc', '10.7.0.0/16'],
    functionsLogLevel: 'warn',
    callInstances: false,
  },
  publicTls: { secretName: 'shop-tls' },
  apiSecrets: [{ namespace: 'shop', name: 'partners', secretName: 'shop-partners' }],
  kafka: {
    brokers: ['kafka-0.kafka:9093'],
    tls: tls('kafka'),
    sasl: { mechanism: 'scram-sha-512', username: 'shop', passwordSecret: secret('kafka', 'password') },
    replicationFactor: 3,
    minInsyncReplicas: 2,
    topicPrefix: 'shop.',
    compression: 'zstd',
  },
  redis: {
    urls: ['rediss://sentinel-0:26379'],
    mode: 'sentinel',
    sentinelName: 'shop',
    username: 'shop',
    passwordSecret: secret('redis', 'password'),
    tls: tls('redis'),
  },
  elasticsearch: {
    nodes: ['https://search:9200'],
    apiKeySecret: secret('search', 'api-key'),
    caSecret: secret('search', 'ca.crt'),
    shards: 3,
    replicas: 0,
  },
  s3: {
    bucket: 'shop',
    endpoint: 'http://minio:9000',
    region: 'eu-central-1',
    pathStyle: true,
    accessKeyId: 'shop',
    secretAccessKeySecret: secret('s3', 'secret'),
    prefix: 'tenfold/',
    keys: 'plain',
    events: { topic: 'bucket-events' },
  },
  operator: {
    provider: 'deployment',
    inFlightMetric: 'tenfold_function_requests',
    openfaas: {
      url: 'http://gateway.openfaas:8080',
      namespace: 'shop',
      passwordSecret: secret('openfaas', 'password'),
    },
    restartNamespaces: ['shop'],
  },
  gateway: { autoscaling: { enabled: true } },
  worker: { autoscaling: { enabled: true, lag: { metric: 'external' } } },
  nodeSelector: { 'kubernetes.io/os': 'linux' },
  tolerations: [{ key: 'dedicated', operator: 'Equal', value: 'tenfold', effect: 'NoSchedule' }],
  priorityClassName: 'system-cluster-critical',
  imagePullSecrets: ['mirror'],
  extraEnv: [{ name: 'HTTPS_PROXY', value: 'http://proxy:3128' }],
  podAnnotations: { 'example.com/team': 'shop' },
  ingress: {
    enabled: true,
    className: 'nginx',
    hosts: ['shop.example'],
    tls: [{ hosts: ['shop.example'], secretName: 'shop' }],
  },
  httpRoute: { enabled: true, parentRefs: [{ name: 'edge', namespace: 'gateways' }], hostnames: ['shop.example'] },
  metrics: {
    serviceMonitor: { enabled: true },
    prometheusRule: { enabled: true },
    dashboard: { enabled: true },
  },
};
