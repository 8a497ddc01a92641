// Reads off the status of a pod what keeps it from being ready. Pure. Nothing is kept of a pod that
// is ready, has ended or is being deleted.
import { parseTimestamp } from '../../../core/world.ts';
import { type KubeObject, read, readList, readNumber, readText } from '../../api/kube-object.ts';
import { APPLIED, FOR_NAME, FUNCTION_LABEL, VERSION } from '../labels.ts';
import { toLogTail, toPlainText } from './plain-text.ts';

export interface PodState {
  readonly name: string;
  readonly namespace: string;
  /** The version of the pod template that it was made from, by an annotation of ours. */
  readonly version: string | undefined;
  /** The Revision of Knative that it is of. */
  readonly revision: string | undefined;
  /** When its kubelet took it, or else when it was made. */
  readonly since: number | undefined;
  /** Undefined while it just starts. */
  readonly trouble: Trouble | undefined;
}

/** `container`: the name of the one in trouble. */
export type Trouble =
  | { readonly is: 'unscheduled'; readonly message: string }
  /** `failures`: the failed pulls that were seen. */
  | (InContainer & { readonly is: 'unpulled'; readonly reason: string; readonly failures: number })
  /** The kubelet cannot make or start the container. */
  | (InContainer & { readonly is: 'unmade'; readonly reason: string })
  /** Its process runs and has answered no probe yet. */
  | (InContainer & { readonly is: 'silent'; readonly runningSince: number })
  | (InContainer & Ended);

interface InContainer {
  readonly container: string;
  /** One line; the last lines of its log where the container has ended. */
  readonly message: string;
}

interface Ended {
  readonly is: 'ended';
  readonly reason: string;
  readonly exitCode: number;
  /** How often its process has ended. */
  readonly times: number;
  /** How long the last process ran, in milliseconds. */
  readonly ranMs: number;
  /** The kubelet waits before it starts it again. */
  readonly backsOff: boolean;
  /** Its status never has the last lines of its log. */
  readonly logsElsewhere?: true;
  /** When the process that runs now was started. */
  readonly runningSince: number | undefined;
}

const REVISION_LABEL = 'serving.knative.dev/revision';
const LONGEST_MESSAGE = 1000;

/** The Function that a pod is of. */
export function functionNameOf({ metadata }: KubeObject): string | undefined {
  return metadata.labels?.[FUNCTION_LABEL] ?? metadata.labels?.[FOR_NAME];
}

export function toPodState(pod: KubeObject, before?: PodState): PodState | undefined {
  const { name, namespace = '', labels, annotations, creationTimestamp, deletionTimestamp } = pod.metadata;
  const phase = readText(pod, 'status', 'phase');
  if (deletionTimestamp !== undefined || phase === 'Succeeded' || phase === 'Failed') return undefined;
  if (conditionOf(pod, 'Ready')?.status === 'True') return undefined;
  return {
    name,
    namespace,
    version: annotations?.[VERSION] ?? annotations?.[APPLIED],
    revision: labels?.[REVISION_LABEL],
    since: timeAt(pod, 'status', 'startTime') ?? parseTimestamp(creationTimestamp ?? ''),
    trouble: troubleOf(pod, before?.trouble),
  };
}

function troubleOf(pod: KubeObject, before: Trouble | undefined): Trouble | undefined {
  const scheduled = conditionOf(pod, 'PodScheduled');
  if (scheduled?.status === 'False' && scheduled.reason === 'Unschedulable') {
    return { is: 'unscheduled', message: toPlainText(scheduled.message, LONGEST_MESSAGE) };
  }
  const init = readList(pod, 'status', 'initContainerStatuses').map(one => troubleIn(one, before, true));
  const main = readList(pod, 'status', 'containerStatuses').map(one => troubleIn(one, before, false));
  const found = [...init, ...main].find(one => one !== undefined);
  return found?.is === 'ended' && !isLogTold(pod, found.container) ? { ...found, logsElsewhere: true } : found;
}

/** The API server fills the policy in; `File` is for what the process itself writes into a file. */
function isLogTold(pod: KubeObject, container: string): boolean {
  const declared = readList(pod, 'spec', 'containers').find(one => readText(one, 'name') === container);
  return readText(declared, 'terminationMessagePolicy') !== 'File';
}

/** Reasons for which a container waits in every start, and that in which it waits after an end. */
const USUAL = ['ContainerCreating', 'PodInitializing'];
const BACKS_OFF = 'CrashLoopBackOff';
const PULL_FAILED = 'ErrImagePull';
const PULL_REASONS = [
  PULL_FAILED,
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'ImageInspectError',
  'RegistryUnavailable',
  'SignatureValidationFailed',
];

function troubleIn(status: unknown, before: Trouble | undefined, isInit: boolean): Trouble | undefined {
  if (read(status, 'ready') === true) return undefined;
  const container = readText(status, 'name') ?? '';
  const reason = readText(status, 'state', 'waiting', 'reason') ?? '';
  if (PULL_REASONS.includes(reason)) return unpulled(status, container, reason, before);
  const ended = endedOf(status, container, reason, isInit);
  const runningSince = timeAt(status, 'state', 'running', 'startedAt');
  if (ended === undefined && runningSince !== undefined && read(status, 'started') === false)
    return { is: 'silent', container, message: '', runningSince };
  if (ended !== undefined || reason === '' || reason === BACKS_OFF || USUAL.includes(reason)) return ended;
  const message = toPlainText(readText(status, 'state', 'waiting', 'message') ?? '', LONGEST_MESSAGE);
  return { is: 'unmade', container, reason, message };
}

/**
 * The kubelet alternates between a failed pull and the pause after it. The words of a pause may
 * leave the cause out, and its length is in them.
 */
function unpulled(status: unknown, container: string, reason: string, before: Trouble | undefined): Trouble {
  const said = (readText(status, 'state', 'waiting', 'message') ?? '').replace(
    /^Back-off pulling image "[^"]*"(: \w+: )?/,
    '',
  );
  const known = before?.is === 'unpulled' && before.container === container ? before : undefined;
  const message = said === '' ? (known?.message ?? '') : toPlainText(said, LONGEST_MESSAGE);
  const isAnother = reason === PULL_FAILED && known?.reason !== PULL_FAILED;
  const failures = (known?.failures ?? 0) + (known === undefined || isAnother ? 1 : 0);
  return { is: 'unpulled', container, reason, message, failures };
}

function endedOf(status: unknown, container: string, waitsFor: string, isInit: boolean): Trouble | undefined {
  const runningSince = timeAt(status, 'state', 'running', 'startedAt');
  const end = read(status, 'state', 'terminated') ?? read(status, 'lastState', 'terminated');
  const exitCode = readNumber(end, 'exitCode');
  if (exitCode === undefined || (isInit && exitCode === 0)) return undefined;
  const [from, to] = [timeAt(end, 'startedAt'), timeAt(end, 'finishedAt')];
  const isRunning = read(status, 'state', 'running') !== undefined;
  return {
    is: 'ended',
    container,
    reason: readText(end, 'reason') ?? '',
    exitCode,
    message: toLogTail(readText(end, 'message') ?? '', LONGEST_MESSAGE),
    times: (readNumber(status, 'restartCount') ?? 0) + (isRunning ? 0 : 1),
    ranMs: from === undefined || to === undefined ? 0 : to - from,
    backsOff: waitsFor === BACKS_OFF,
    runningSince,
  };
}

function timeAt(value: unknown, ...path: readonly string[]): number | undefined {
  return parseTimestamp(readText(value, ...path) ?? '');
}

function conditionOf(pod: KubeObject, type: string) {
  const found = readList(pod, 'status', 'conditions').find(one => readText(one, 'type') === type);
  if (found === undefined) return undefined;
  return {
    status: readText(found, 'status'),
    reason: readText(found, 'reason'),
    message: readText(found, 'message') ?? '',
  };
}
