// What pods use, as the kubelet counts it.

import type { Node } from '../../test/cluster/node/node.ts';
import { NODE_NAME } from '../../test/cluster/node/parts.ts';

export interface Usage {
  readonly pods: number;
  /** Working set of all of them: what cannot be taken back. */
  readonly bytes: number;
  /** Cores, on average since the call began. */
  readonly cores: number;
}

/** Of all pods of a namespace, over `seconds`. */
export async function usageOf(node: Node, namespace: string, seconds: number): Promise<Usage> {
  const before = await read(node, namespace);
  await new Promise(resolve => setTimeout(resolve, seconds * 1000));
  const after = await read(node, namespace);
  return {
    pods: after.pods,
    bytes: after.bytes,
    cores: (after.cpuNs - before.cpuNs) / (after.atNs - before.atNs),
  };
}

async function read(node: Node, namespace: string) {
  const { body } = await node.client.request('GET', `/api/v1/nodes/${NODE_NAME}/proxy/stats/summary`);
  const pods = body.pods.filter((pod: { podRef: { namespace: string } }) => pod.podRef.namespace === namespace);
  const sum = (pick: (pod: Pod) => number) => pods.reduce((total: number, pod: Pod) => total + pick(pod), 0);
  return {
    pods: pods.length,
    bytes: sum(pod => pod.memory.workingSetBytes),
    cpuNs: sum(pod => pod.cpu.usageCoreNanoSeconds),
    // When the kubelet looked, which is not when it was asked.
    atNs: sum(pod => Date.parse(pod.cpu.time) * 1e6) / pods.length,
  };
}

interface Pod {
  readonly memory: { readonly workingSetBytes: number };
  readonly cpu: { readonly usageCoreNanoSeconds: number; readonly time: string };
}
