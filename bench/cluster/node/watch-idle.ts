// The costs of an installation while nothing happens, right after its start and later: as the
// kubelet counts them, and by thread, as the kernel does.
import type { Node } from '../../../test/cluster/node/node.ts';
import { threadTable, watchThreads } from '../../measure/threads.ts';
import { processesOfPod } from './pod-processes.ts';
import { type Usage, usageOf } from './usage.ts';

export interface Idle {
  /** The remains of a start, such as code that is compiled once it is warm, are included. */
  readonly first: Usage;
  /** Two windows later. */
  readonly later: Usage;
  /** A table of both. */
  readonly threads: string;
}

export async function watchIdle(node: Node, namespace: string, seconds: number): Promise<Idle> {
  const { body } = await node.client.request('GET', `/api/v1/namespaces/${namespace}/pods`);
  const pids = body.items.flatMap(({ metadata }: { metadata: { uid: string } }) => processesOfPod(metadata.uid));
  const window = async () => {
    const [usage, threads] = await Promise.all([usageOf(node, namespace, seconds), watchThreads(pids, seconds)]);
    return { usage, threads };
  };
  const first = await window();
  await window();
  const later = await window();
  const table = threadTable(['after the start', 'later'], [first.threads, later.threads]);
  return { first: first.usage, later: later.usage, threads: table };
}
