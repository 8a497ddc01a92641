// Why a Function does not start, by its pods, and whether it will by itself. Pure.
import type { PodState, Trouble } from './pod-state.ts';

export interface StartFailure {
  /** The fault, its place, and the next step; undefined while it may be none. */
  readonly message: string | undefined;
  /** It has failed twice, or cannot succeed: nothing gets better unless somebody does something. */
  readonly lasting: boolean;
  /** When this may change by time alone; milliseconds. */
  readonly lookAgainMs: number | undefined;
}

/** Failed pulls, and ends of a process, after which it does not come up by itself. */
const FAILURES = 2;
/** Kubernetes forgets the ends before a process that ran for longer, and so do we. */
const LONG_RUN_MS = 10 * 60_000;
/** A process that has not come up by then has another fault than the one before it. */
const COMES_UP_WITHIN_MS = 120_000;
/** By then the kubelet has tried a pull twice, whether or not a watch has told of both. */
const PULLED_TWICE_MS = 60_000;
/** A Secret or ConfigMap that it names may be made a moment after it. */
const UNMADE_MS = 30_000;
/** Most processes listen sooner. */
const LISTENS_WITHIN_MS = 20_000;
/** No later try differs from the first one. */
const HOPELESS = ['InvalidImageName', 'ErrImageNeverPull'];
const CONTAINER = 'function';
/** Exit codes of a process that a signal ended: SIGKILL and SIGTERM. */
const KILLED = [137, 143];

/** `pods`: those of the newest version that are not ready. Undefined where none is in trouble. */
export function startFailureOf(pods: readonly PodState[], now: number): StartFailure | undefined {
  const found = pods
    .flatMap(pod => judge(pod, now))
    .toSorted((a, b) => Number(b.lasting) - Number(a.lasting) || (a.pod < b.pod ? -1 : 1));
  if (found.length === 0) return undefined;
  const told = found.filter(({ message }) => message !== undefined);
  const [first] = told;
  const others = told.length < 2 ? '' : `${told.length} of its pods do not start. `;
  const times = found.flatMap(({ leftMs }) => leftMs ?? []);
  return {
    message: first && `${others}Pod ${first.pod}: ${first.message}`,
    lasting: first?.lasting ?? false,
    lookAgainMs: times.length === 0 ? undefined : Math.min(...times),
  };
}

interface Judged {
  readonly pod: string;
  readonly message: string | undefined;
  readonly lasting: boolean;
  readonly leftMs: number | undefined;
}

function judge(pod: PodState, now: number): Judged[] {
  const { name, trouble, since } = pod;
  if (trouble === undefined) return [];
  const given = { pod: name, message: messageOf(trouble, pod) };
  const by = (afterMs: number): Judged => {
    const left = since === undefined ? 0 : since + afterMs - now;
    return { ...given, lasting: left <= 0, leftMs: left > 0 ? left : undefined };
  };
  switch (trouble.is) {
    case 'unscheduled':
      // Nodes may be added, and instances of others may go.
      return [{ ...given, lasting: false, leftMs: undefined }];
    case 'unmade':
      return [by(UNMADE_MS)];
    case 'silent': {
      const left = trouble.runningSince + LISTENS_WITHIN_MS - now;
      return [
        {
          pod: name,
          lasting: false,
          ...(left > 0 ? { message: undefined, leftMs: left } : { message: given.message, leftMs: undefined }),
        },
      ];
    }
    case 'unpulled':
      if (trouble.failures >= FAILURES || HOPELESS.includes(trouble.reason))
        return [{ ...given, lasting: true, leftMs: undefined }];
      return [by(PULLED_TWICE_MS)];
    case 'ended': {
      const { times, ranMs, backsOff, runningSince } = trouble;
      const left = runningSince === undefined ? undefined : runningSince + COMES_UP_WITHIN_MS - now;
      if (left !== undefined && left <= 0) return [];
      const lasting = backsOff || (times >= FAILURES && ranMs < LONG_RUN_MS);
      return [{ ...given, lasting, leftMs: left }];
    }
  }
}

function messageOf(trouble: Trouble, pod: PodState): string {
  const said = trouble.message === '' ? '' : `: ${trouble.message}`;
  if (trouble.is === 'unscheduled') return `no node takes it (Unschedulable)${said}${ended(said)}`;
  const which = trouble.container === CONTAINER ? '' : ` of the container "${trouble.container}"`;
  switch (trouble.is) {
    case 'unmade':
      return `the kubelet cannot start it${which} (${trouble.reason})${said}${ended(said)}`;
    case 'unpulled': {
      // Stays the same while the kubelet alternates between the two.
      const isUsual = trouble.reason === 'ErrImagePull' || trouble.reason === 'ImagePullBackOff';
      const reason = isUsual && trouble.failures >= FAILURES ? 'ImagePullBackOff' : trouble.reason;
      return `the image${which} cannot be pulled (${reason})${said}${ended(said)}`;
    }
    case 'silent':
      return `the process${which} runs, and nothing has answered at spec.port or to its health checks yet.`;
    case 'ended':
      return endOf(trouble, which, pod);
  }
}

function endOf(trouble: Extract<Trouble, { is: 'ended' }>, which: string, pod: PodState): string {
  const { times, exitCode, reason, message, logsElsewhere } = trouble;
  const often = times < FAILURES ? '' : ` ${times} times (CrashLoopBackOff), last`;
  const log = message === '' ? '' : ` Its last log lines: ${message}`;
  const how = `the process${which} ended${often} with exit code ${exitCode}`;
  if (reason === 'OOMKilled')
    return `${how} (OOMKilled): it needs more memory than spec.resources.limits.memory gives it.${log}`;
  if (exitCode === 0) return `${how}. A Function has to go on listening.${log}`;
  const named = reason === '' || reason === 'Error' ? '' : ` (${reason})`;
  if (KILLED.includes(exitCode))
    return `${how}${named}: it was killed, most often for no answer at spec.port or to its health checks.${log}`;
  if (log !== '') return `${how}${named}.${log}`;
  const command = `"kubectl logs ${pod.name} -n ${pod.namespace} -c ${trouble.container} --previous"`;
  return `${how}${named}.${logsElsewhere ? ` See its log with ${command}.` : ` It logged nothing; see ${command}.`}`;
}

function ended(text: string): string {
  return /[.!?…]$/.test(text) ? '' : '.';
}
