// Follows what the functions of an application log in a cluster, whichever pods run them.
import { setTimeout as pause } from 'node:timers/promises';
import type { KubeClient } from '../../k8s/api/kube-client.ts';
import { KubeError } from '../../k8s/api/kube-error.ts';
import {
  type ApiResource,
  collectionPath,
  objectPath,
  readList,
  readText,
  toKubeObject,
} from '../../k8s/api/kube-object.ts';
import { FUNCTION_LABEL } from '../../k8s/providers/labels.ts';
import type { FunctionLog } from '../../server/platform-events.ts';

export interface PodLogsOptions {
  readonly client: KubeClient;
  readonly signal: AbortSignal;
  readonly namespace: string;
  /** Names of the functions whose logs are wanted now. */
  functions(): ReadonlySet<string>;
  log(entry: FunctionLog): void;
  /** Called once when the user has no right to read logs. */
  forbidden(message: string): void;
}

const PODS: ApiResource = { group: '', version: 'v1', plural: 'pods', kind: 'Pod' };
const LOOK_EVERY_MS = 500;
/** The earlier log of a pod is shown for pods that started since. */
const STARTED = ['Running', 'Succeeded', 'Failed'];

/** Resolves when `signal` aborts, or when logs may not be read. */
export async function followPodLogs(options: PodLogsOptions): Promise<void> {
  const { client, signal, namespace, functions } = options;
  const since = new Date().toISOString();
  const followed = new Map<string, Promise<void>>();
  while (!signal.aborted) {
    try {
      const query = { labelSelector: FUNCTION_LABEL };
      const list = await client.call('GET', collectionPath(PODS, namespace), { query, signal });
      for (const item of readList(list, 'items')) {
        const pod = toKubeObject(item);
        const name = pod?.metadata.labels?.[FUNCTION_LABEL];
        const { uid, name: podName } = pod?.metadata ?? {};
        if (name === undefined || uid === undefined || podName === undefined || !functions().has(name)) continue;
        if (followed.has(uid) || !STARTED.includes(readText(pod, 'status', 'phase') ?? '')) continue;
        followed.set(uid, followPod(options, podName, name, since));
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof KubeError && error.httpStatus === 403) return options.forbidden(error.message);
      // A server that is away is back some time.
    }
    await pause(LOOK_EVERY_MS, undefined, { signal }).catch(() => {});
  }
}

async function followPod({ client, signal, namespace, log }: PodLogsOptions, pod: string, name: string, since: string) {
  let last = since;
  const path = `${objectPath(PODS, namespace, pod)}/log`;
  while (!signal.aborted) {
    try {
      const query = { container: 'function', follow: true, timestamps: true, sinceTime: last };
      for await (const line of client.stream(path, { query, signal, silenceMs: 0 })) {
        const [, time, text] = /^(\S+) ?(.*)$/s.exec(String(line)) ?? [];
        // A connection that broke is opened again from a second that it had in part.
        if (time === undefined || time <= last) continue;
        last = time;
        log({ namespace, name, stream: 'stdout', text: text ?? '' });
      }
      return;
    } catch (error) {
      // The pod is gone, or has another container.
      if (error instanceof KubeError && [400, 403, 404].includes(error.httpStatus)) return;
    }
    await pause(LOOK_EVERY_MS, undefined, { signal }).catch(() => {});
  }
}
