// Decides the state of an object, and the reason. Pure: from gathered facts to findings.

import { keepsState } from '../../../resources/keeps-state.ts';
import { type Reason, reasons } from '../../../resources/reasons.ts';
import type { AnyResource, ResourceProblem } from '../../../resources/resource.ts';
import { messageOf } from '../../catalog/to-resource.ts';
import type { Observation } from '../../providers/provider.ts';
import type { Rest } from '../sleep/rest.ts';
import type { Finding } from './finding.ts';
import type { Findings } from './findings.ts';

export interface Gathered {
  /** The version in force: the newest version, or the one before. */
  readonly inForce: AnyResource | undefined;
  /** The problems of the newest version. */
  readonly problems: readonly ResourceProblem[];
  /** Keys of Functions that it leads to and that are not ready. */
  readonly waitsFor: readonly string[];
  /** Gateways and workers that have not taken the newest version up, and how many there are. */
  readonly late?:
    | { readonly names: readonly string[]; readonly of: number; readonly why?: string | undefined }
    | undefined;
  /** Why the disk cannot be used that the platform keeps everything on, one sentence each. */
  readonly disk?: readonly string[] | undefined;
  /** The workload of a Function that a provider runs. */
  readonly workload: Workload | undefined;
  /** The rest of a Function that sleeps while nobody calls it. */
  readonly rest?: Rest['is'] | undefined;
}

export type Workload =
  | {
      readonly observed: Observation;
      /** It still runs where it was: how its calls are divided there changes no more. */
      readonly moving?: true;
    }
  /** Why it cannot be run. */
  | { readonly impossible: Finding }
  /**
   * The reason why its state is unknown at the moment, and whether it was ready when it was last
   * seen.
   */
  | { readonly unknown: Finding; readonly wasReady: boolean };

export function decideStatus(gathered: Gathered): Findings {
  const accepted = decideAccepted(gathered);
  const settled = no('Settled', '');
  const complete = no('Complete', '');
  if (!accepted.is) {
    const ready = no('NotAccepted', accepted.message);
    return {
      accepted,
      ready,
      progressing: settled,
      degraded: complete,
      stalled: yes(accepted.reason, accepted.message),
    };
  }
  const { workload } = gathered;
  if (workload && 'impossible' in workload) {
    const { impossible } = workload;
    return {
      accepted,
      ready: impossible,
      progressing: settled,
      // The version before may run on, but it is not the wanted one.
      degraded: impossible.reason === 'Refused' ? { ...impossible, is: true } : complete,
      stalled: { ...impossible, is: true },
    };
  }
  if (workload && 'unknown' in workload) return { accepted, ...decideUnknown(workload) };
  // Calls wait for one that sleeps or wakes, whatever is known of it there.
  const atRest = workload && decideRest(gathered.rest, workload.observed);
  if (atRest) return { accepted, ...atRest };
  const whole = { progressing: settled, degraded: complete, stalled: undefined };
  const found = workload ? decideWorkload(workload.observed) : { ...whole, ready: decideOther(gathered) };
  const { late, disk = [], inForce } = gathered;
  if (found.ready.is && disk.length > 0 && inForce && keepsState(inForce.kind)) {
    const message = disk.join(' ');
    return { accepted, ...found, ready: no('DiskFailing', message), degraded: yes('DiskFailing', message) };
  }
  if (!found.ready.is || !late) return { accepted, ...found };
  const message = `${late.of - late.names.length} of ${late.of} gateways and workers have taken it up; not yet: ${listOf(late.names)}.${late.why === undefined ? '' : ` Why: ${late.why}`}`;
  const [notYet, progressing] = [no('NotTakenUp', message), yes('NotTakenUp', message)];
  return { accepted, ...found, ready: notYet, progressing };
}

function decideAccepted({ inForce, problems }: Gathered): Finding {
  const errors = problems.filter(({ severity }) => severity === 'error');
  const warnings = problems.filter(({ severity }) => severity === 'warning');
  if (errors.length === 0) return yes(reasonAmong(warnings) ?? 'Valid', textOf(warnings, 'Warning: '));
  const rest = inForce ? ' The version before stays in force.' : '';
  return no(reasonAmong(errors) ?? 'Invalid', textOf(errors, '') + rest);
}

function reasonAmong(problems: readonly ResourceProblem[]): Reason | undefined {
  return problems.find(({ reason }) => reason !== undefined)?.reason;
}

/** The most problems that a person reads; `tenfold validate` shows the rest. */
const SHOWN = 5;

function textOf(problems: readonly ResourceProblem[], prefix: string): string {
  const lines = problems.slice(0, SHOWN).map(problem => prefix + messageOf(problem));
  const rest = problems.length - lines.length;
  return [...lines, ...(rest > 0 ? [`And ${rest} more.`] : [])].join(' ');
}

function decideOther({ inForce, waitsFor }: Gathered): Finding {
  if (inForce?.kind === 'Function')
    return yes('External', `It is called at ${inForce.spec.url}; whether it answers is not asked.`);
  if (waitsFor.length === 0) return yes('InForce', reasons.InForce);
  const what = waitsFor.length === 1 ? 'A Function' : 'Functions';
  return no('FunctionNotReady', `${what} that it leads to cannot answer: ${listOf(waitsFor)}.`);
}

function listOf(names: readonly string[]): string {
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : '';
  return names.slice(0, SHOWN).join(', ') + more;
}

/** A caller gets an answer, if a little later: so it is ready. */
function decideRest(rest: Gathered['rest'], { state, message }: Observation): WorkloadFindings | undefined {
  const calm = { progressing: no('Settled', ''), degraded: no('Complete', ''), stalled: undefined };
  if (rest === 'asleep') return { ...calm, ready: yes('Asleep', 'Nothing of it runs; the next call starts it.') };
  // Until it is settled, since the first counts may include instances that end.
  if (rest !== 'waking' || ['ready', 'behind', 'stuck'].includes(state)) return undefined;
  return { ...calm, ready: yes('Waking', message), progressing: yes('RollingOut', message) };
}

/** That its provider does not answer is no reason to stop calling what ran a moment ago. */
function decideUnknown({ unknown, wasReady }: Extract<Workload, { unknown: Finding }>): WorkloadFindings {
  return {
    ready: wasReady ? yes('Available', 'It was when it was last seen.') : unknown,
    progressing: no('Settled', ''),
    degraded: { ...unknown, is: true },
    stalled: undefined,
  };
}

type WorkloadFindings = Omit<Findings, 'accepted'>;

function decideProgress({ changing, message, traffic }: Observation): Finding {
  if (changing) return yes('RollingOut', message);
  if (!traffic) return no('Settled', '');
  const [stable, canary] = traffic;
  return yes(
    'Canary',
    `${canary.percent}% of the calls go to ${canary.revision}, ${stable.percent}% to ${stable.revision}.`,
  );
}

function decideWorkload(observed: Observation): WorkloadFindings {
  const { state, message } = observed;
  const progressing = decideProgress(observed);
  const missing = yes('InstancesMissing', message);
  const unscaled = observed.cannotScale === undefined ? no('Complete', '') : yes('CannotScale', observed.cannotScale);
  const whole = observed.lost ? missing : unscaled;
  switch (state) {
    case 'ready':
      return { ready: yes('Available', message), progressing, degraded: whole, stalled: undefined };
    case 'partly':
      return { ready: yes('Available', message), progressing, degraded: whole, stalled: undefined };
    case 'starting':
      return { ready: no('Starting', message), progressing, degraded: whole, stalled: undefined };
    case 'stopped':
      return { ready: no('Stopped', message), progressing, degraded: whole, stalled: undefined };
    case 'behind':
      return {
        ready: yes('Available', message),
        progressing,
        degraded: missing,
        stalled: yes('Unavailable', message),
      };
    case 'stuck':
      return {
        ready: no('Unavailable', message),
        progressing,
        degraded: missing,
        stalled: yes('Unavailable', message),
      };
  }
}

function yes(reason: Reason, message: string): Finding {
  return { is: true, reason, message };
}

export function no(reason: Reason, message: string): Finding {
  return { is: false, reason, message };
}
