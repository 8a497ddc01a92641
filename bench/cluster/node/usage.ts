// CPU and memory of pods, as the kubelet counts them.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Node } from '../../../test/cluster/node/node.ts';
import { NODE_NAME } from '../../../test/cluster/node/parts.ts';
import { until } from './pod-start.ts';

export interface Usage {
  readonly pods: number;
  /** Working set of all of them: what cannot be taken back. */
  readonly bytes: number;
  /** Cores, on average since the call began. */
  readonly cores: number;
}

/** How long the kubelet may take to look again; it does so each 10 to 15 s. */
const LOOKS_WITHIN_MS = 60_000;
const ASK_EVERY_MS = 500;

/** The use of all pods of a namespace over `seconds`, starting when the kubelet counts next. */
export async function usageOf(node: Node, namespace: string, seconds: number): Promise<Usage> {
  const before = await readAnew(node, namespace);
  await sleep(seconds * 1000);
  const after = await readAnew(node, namespace);
  return {
    pods: after.pods,
    bytes: after.bytes,
    cores: (after.cpuNs - before.cpuNs) / (after.atNs - before.atNs),
  };
}

/** Older counts of the kubelet would include something else, such as the end of a start. */
async function readAnew(node: Node, namespace: string) {
  const asked = Date.now();
  let found = await read(node, namespace);
  const isNew = async () => {
    await sleep(ASK_EVERY_MS);
    found = await read(node, namespace);
    return found.oldestAt >= asked;
  };
  await until(isNew, `the kubelet has looked at the pods of ${namespace} again`, LOOKS_WITHIN_MS);
  return found;
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
    oldestAt: Math.min(...pods.map((pod: Pod) => Date.parse(pod.cpu.time))),
  };
}

interface Pod {
  readonly memory: { readonly workingSetBytes: number };
  readonly cpu: { readonly usageCoreNanoSeconds: number; readonly time: string };
}
