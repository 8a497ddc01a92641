// How each program of a node is started: its command, flags and files. No decision but
// these is made anywhere else.
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { API_PORT, NODE_ADDRESS, POD_RANGE, SERVICE_RANGE } from './addresses.ts';
import { kubeconfigOf } from './kubeconfigs.ts';

export interface Binaries {
  readonly kube: string;
  readonly coredns: string;
}
export type PartName =
  | 'etcd'
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kube-scheduler'
  | 'containerd'
  | 'kubelet'
  | 'kube-proxy'
  | 'coredns';
export interface Part {
  readonly command: string;
  readonly args: readonly string[];
}

export const NODE_NAME = 'node';
export const PAUSE_IMAGE = 'dev.local/pause:1';
export const containerdSocket = (folder: string): string => join(folder, 'containerd.sock');

export function partsOf(folder: string, { kube, coredns }: Binaries): Record<PartName, Part> {
  const of = (part: string, flags: Readonly<Record<string, string>>): Part => ({
    command: kube,
    args: [part, ...Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`)],
  });
  const key = join(folder, 'accounts.key');
  return {
    etcd: of('etcd', {
      'data-dir': join(folder, 'etcd'),
      'unsafe-no-fsync': 'true',
      'log-level': 'warn',
    }),
    'kube-apiserver': of('kube-apiserver', {
      'etcd-servers': 'http://127.0.0.1:2379',
      'advertise-address': NODE_ADDRESS,
      'secure-port': String(API_PORT),
      'cert-dir': folder,
      'token-auth-file': join(folder, 'tokens.csv'),
      'authorization-mode': 'Node,RBAC',
      'enable-admission-plugins': 'NodeRestriction',
      'kubelet-preferred-address-types': 'InternalIP',
      'service-account-key-file': key,
      'service-account-signing-key-file': key,
      'service-account-issuer': 'https://kubernetes.default.svc',
      'service-cluster-ip-range': SERVICE_RANGE,
      'allow-privileged': 'true',
    }),
    'kube-controller-manager': of('kube-controller-manager', {
      kubeconfig: kubeconfigOf(folder, 'kube-controller-manager'),
      'service-account-private-key-file': key,
      'root-ca-file': join(folder, 'apiserver.crt'),
      'use-service-account-credentials': 'true',
      'bind-address': '127.0.0.1',
      'cert-dir': folder,
      'leader-elect': 'false',
    }),
    'kube-scheduler': of('kube-scheduler', {
      kubeconfig: kubeconfigOf(folder, 'kube-scheduler'),
      'bind-address': '127.0.0.1',
      'cert-dir': folder,
      'leader-elect': 'false',
    }),
    containerd: { command: 'containerd', args: ['--config', join(folder, 'containerd.toml')] },
    kubelet: of('kubelet', {
      config: join(folder, 'kubelet.json'),
      kubeconfig: kubeconfigOf(folder, 'kubelet'),
      'root-dir': join(folder, 'kubelet'),
      'cert-dir': join(folder, 'kubelet-pki'),
      'hostname-override': NODE_NAME,
      'node-ip': NODE_ADDRESS,
    }),
    'kube-proxy': of('kube-proxy', { config: join(folder, 'kube-proxy.json') }),
    coredns: { command: coredns, args: ['-conf', join(folder, 'Corefile')] },
  };
}

export async function writeFilesOf(folder: string): Promise<void> {
  await mkdir(join(folder, 'cni'));
  const files = {
    'cni/10-node.conflist': JSON.stringify(network(folder)),
    'containerd.toml': containerd(folder),
    'kubelet.json': JSON.stringify(kubelet(folder)),
    'kube-proxy.json': JSON.stringify(kubeProxy(folder)),
    Corefile: corefile(folder),
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
}

const network = (folder: string) => ({
  cniVersion: '0.4.0',
  name: 'node',
  plugins: [
    {
      type: 'bridge',
      bridge: 'cni0',
      isGateway: true,
      // A pod may reach itself by its Service.
      hairpinMode: true,
      ipam: {
        type: 'host-local',
        dataDir: join(folder, 'cni/leases'),
        ranges: [[{ subnet: POD_RANGE }]],
        routes: [{ dst: '0.0.0.0/0' }],
      },
    },
    { type: 'portmap', capabilities: { portMappings: true } },
  ],
});

/** Debian keeps the plugins with the libraries, others where they were first. */
const pluginFolder = () => (existsSync('/usr/lib/cni/bridge') ? '/usr/lib/cni' : '/opt/cni/bin');

const containerd = (folder: string) => `version = 2
root = "${folder}/containerd"
state = "${folder}/containerd-state"
[grpc]
  address = "${containerdSocket(folder)}"
[plugins."io.containerd.internal.v1.opt"]
  path = "${folder}/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${PAUSE_IMAGE}"
  # Machines without CAP_SYS_RESOURCE may not lower a score.
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${pluginFolder()}"
    conf_dir = "${folder}/cni"
`;

const kubelet = (folder: string) => ({
  apiVersion: 'kubelet.config.k8s.io/v1beta1',
  kind: 'KubeletConfiguration',
  address: NODE_ADDRESS,
  containerRuntimeEndpoint: `unix://${containerdSocket(folder)}`,
  cgroupDriver: 'cgroupfs',
  cgroupRoot: '/tenfold-node',
  // 1.35 refuses the first version unless it is told otherwise.
  failCgroupV1: false,
  clusterDomain: 'cluster.local',
  clusterDNS: [NODE_ADDRESS],
  resolvConf: '',
  // Nobody but the node, its pods and this machine reaches it.
  authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
  authorization: { mode: 'AlwaysAllow' },
  // Images are imported, not pulled: one that is collected does not come back.
  imageGCHighThresholdPercent: 100,
  imageMaximumGCAge: '0s',
  imagePullCredentialsVerificationPolicy: 'NeverVerify',
  evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
  volumePluginDir: join(folder, 'volume-plugins'),
  oomScoreAdj: 0,
  maxPods: 200,
  failSwapOn: false,
  // As soon as may be, instead of once a minute: tests wait for Secrets that change.
  syncFrequency: '10s',
  configMapAndSecretChangeDetectionStrategy: 'Watch',
});

const kubeProxy = (folder: string) => ({
  apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
  kind: 'KubeProxyConfiguration',
  clientConnection: { kubeconfig: kubeconfigOf(folder, 'kube-proxy') },
  clusterCIDR: POD_RANGE,
  hostnameOverride: NODE_NAME,
  mode: 'iptables',
  iptables: { syncPeriod: '30s', minSyncPeriod: '0s' },
  // These belong to the machine, not to the namespace.
  conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  oomScoreAdj: 0,
  bindAddress: '127.0.0.1',
  healthzBindAddress: '127.0.0.1:10256',
  metricsBindAddress: '127.0.0.1:10249',
  nodePortAddresses: [`${NODE_ADDRESS}/32`],
});

const corefile = (folder: string) => `.:53 {
  bind ${NODE_ADDRESS}
  errors
  kubernetes cluster.local in-addr.arpa {
    kubeconfig ${kubeconfigOf(folder, 'coredns')}
    pods insecure
    ttl 1
  }
}
`;
