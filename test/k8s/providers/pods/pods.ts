// Pods of a Function as a kubelet tells of them.
import type { KubeObject } from '../../../../k8s/api/kube-object.ts';

export const MADE_AT = Date.parse('2026-01-01T00:00:00Z');
/** Seconds after it was made. */
const at = (seconds: number) => new Date(MADE_AT + seconds * 1000).toISOString().replace('.000Z', 'Z');

export interface ContainerStatus {
  readonly name?: string;
  readonly ready?: boolean;
  readonly started?: boolean;
  readonly restartCount?: number;
  readonly state?: object;
  readonly lastState?: object;
}

export interface PodParts {
  readonly metadata?: object;
  readonly conditions?: readonly object[];
  readonly container?: ContainerStatus;
  readonly init?: ContainerStatus;
  readonly phase?: string;
}

export function podWith({ metadata, conditions = [], container, init, phase = 'Pending' }: PodParts = {}): KubeObject {
  const listOf = (status: ContainerStatus | undefined) =>
    status === undefined ? [] : [{ name: 'function', ready: false, restartCount: 0, ...status }];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'fn-menu-1',
      namespace: 'default',
      labels: { 'tenfold.dev/function': 'menu' },
      annotations: { 'tenfold.dev/version': 'one' },
      creationTimestamp: at(0),
      ...metadata,
    },
    status: { phase, conditions, initContainerStatuses: listOf(init), containerStatuses: listOf(container) },
  };
}

export const waiting = (reason: string, message = '') => ({ waiting: { reason, message } });
/** Ended `seconds` after the pod was made, with the last lines of the log. */
export const terminated = (exitCode: number, message = '', seconds = 2, reason = 'Error') => ({
  terminated: { exitCode, reason, message, startedAt: at(1), finishedAt: at(seconds) },
});
export const running = (seconds: number) => ({ running: { startedAt: at(seconds) } });
