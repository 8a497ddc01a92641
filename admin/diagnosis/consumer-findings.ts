// Finds faults of all that reads events: Subscriptions, Queues, features of Stranglers, parts of
// FanOuts, Views and Pipelines.
import { failureText } from '../../core/failure.ts';
import { counted } from '../../core/units/counted.ts';
import { formatDuration } from '../../core/units/duration.ts';
import { toTimestamp } from '../../core/world.ts';
import type { ConsumerReport, PipelineReport, ViewReport } from '../event-view.ts';
import { causeWith, holdOf } from '../failure-view.ts';
import type { OwnFinding } from './finding.ts';

/** As the chart's alerts have it by default. */
const BEHIND_MS = 300_000;

/** `maxWaiting`: of a Queue that takes no more. */
export function findingsOfConsumer(report: ConsumerReport, now: number, maxWaiting?: number): OwnFinding[] {
  return [
    ...fullOf(report, now, maxWaiting),
    ...failingOf(report),
    ...parkedOf(report, now),
    ...pausedOf(report),
    ...behindOf(report, now),
    ...deadOf(report.deadLetters, argument(report), report.namespace),
  ];
}

export function findingsOfView({ namespace, name, ...report }: ViewReport, now: number): OwnFinding[] {
  const { behind = 0, asOf, deadLetters, jumped, state } = report;
  const ageMs = asOf === undefined ? 0 : now - Date.parse(asOf);
  const late: OwnFinding[] =
    state !== 'running' || behind === 0 || ageMs <= BEHIND_MS
      ? []
      : [
          {
            severity: 'warning',
            reason: 'Behind',
            since: toTimestamp(now - ageMs),
            message: `Its rows are as of ${formatDuration(toSeconds(ageMs))} ago; ${counted(behind, 'record')} to be folded.`,
            next: `tenfold views list${inNamespace(namespace)}`,
          },
        ];
  const next = `tenfold dead list view/${name}${inNamespace(namespace)}`;
  return [...late, ...leftOut({ refused: 0, jumped }, namespace, next), ...setAside(deadLetters, next)];
}

export function findingsOfPipeline(report: PipelineReport): OwnFinding[] {
  const { namespace, name, parkedEvents, deadLetters, refused, jumped, stop, tables } = report;
  const where = `pipeline/${name}`;
  const parked: OwnFinding[] =
    parkedEvents === 0
      ? []
      : [
          {
            severity: 'error',
            reason: 'KeysParked',
            message: `${counted(parkedEvents, 'event')} ${parkedEvents === 1 ? 'waits' : 'wait'} for another call of a function.`,
            next: `tenfold parked list ${where}${inNamespace(namespace)}`,
          },
        ];
  const stopped: OwnFinding[] =
    stop === undefined ? [] : [{ severity: 'error', reason: 'Stopped', message: stop.why, next: stop.next }];
  return [
    ...stopped,
    ...tables.flatMap(unwritable),
    ...parked,
    ...leftOut({ refused, jumped }, namespace, `tenfold dead list ${where}${inNamespace(namespace)}`),
    ...deadOf(deadLetters, where, namespace),
  ];
}

function unwritable({ table, trouble, behind }: PipelineReport['tables'][number]): OwnFinding[] {
  if (trouble === undefined) return [];
  const waiting =
    behind === undefined ? 'events wait' : `${counted(behind, 'event')} ${behind === 1 ? 'waits' : 'wait'}`;
  return [
    {
      severity: 'error',
      reason: 'TableUnavailable',
      message: `The table "${table}" cannot be written; ${waiting} for it, and it is tried again.`,
      cause: trouble,
      next: 'Mend what the cause names: the database, the Secret with its address, or the table. It goes on by itself.',
    },
  ];
}

function fullOf(report: ConsumerReport, now: number, maxWaiting: number | undefined): OwnFinding[] {
  const { lag } = report;
  if (maxWaiting === undefined || lag === undefined || lag < maxWaiting) return [];
  return [
    {
      severity: 'error',
      reason: 'AtCapacity',
      ...sinceOldest(report, now),
      message: `${counted(lag, 'job')} wait, which is all that spec.maxWaiting allows; more are refused with 503.`,
      ...causeOf(report),
      next: `tenfold jobs list ${report.name}${inNamespace(report.namespace)}`,
    },
  ];
}

function failingOf(report: ConsumerReport): OwnFinding[] {
  if (report.state !== 'resting') return [];
  return [
    {
      severity: 'error',
      reason: 'FailingCalls',
      message: `Its target, ${report.target}, fails and is left alone for a moment; ${eventsOf(report.lag)} to be handled.`,
      ...causeOf(report),
      next: `tenfold subscriptions list -o wide${inNamespace(report.namespace)}`,
    },
  ];
}

/** Events that wait for their time, such as jobs that are to begin later, are parked as well. */
function parkedOf(report: ConsumerReport, now: number): OwnFinding[] {
  const { parkedKeys, parkedEvents, namespace, failingKeys = parkedKeys, heldKeys = 0 } = report;
  const found: OwnFinding[] = [];
  const failed = firstOf(report.failedFirst, report, now);
  if (failingKeys > 0)
    found.push({
      severity: 'error',
      reason: 'KeysParked',
      ...failed,
      ...told(causeWith(holdOf(report, true), failed.cause)),
      message: `${failingKeys === 1 ? '1 key has' : `${failingKeys} keys have`} failed and will be tried again; ${counted(parkedEvents, 'event')} ${parkedEvents === 1 ? 'is' : 'are'} parked.`,
      next: `tenfold parked list ${argument(report)}${inNamespace(namespace)}`,
    });
  if (heldKeys > 0)
    found.push({
      severity: 'error',
      reason: 'KeysHeld',
      // An earlier release does not tell held keys apart.
      ...firstOf(report.heldFirst ?? report.failedFirst, report, now),
      message: `${heldKeys === 1 ? '1 key waits' : `${heldKeys} keys wait`} for a person to decide, as onExhausted is "hold".`,
      next: `tenfold dead list ${argument(report)} --held${inNamespace(namespace)}`,
    });
  return found;
}

function pausedOf(report: ConsumerReport): OwnFinding[] {
  if (report.state !== 'paused') return [];
  const { pausedByCommand, lag, namespace } = report;
  return [
    {
      severity: 'warning',
      reason: 'Paused',
      message: `It is paused by ${pausedByCommand ? 'command' : 'its resource'}; ${eventsOf(lag)} to be handled.`,
      next: pausedByCommand
        ? `tenfold subscriptions resume ${argument(report)}${inNamespace(namespace)}`
        : 'Take "paused" out of its spec.',
    },
  ];
}

/** Not while keys are parked: events of those are old because they fail, or wait for their time. */
function behindOf(report: ConsumerReport, now: number): OwnFinding[] {
  const { state, oldestAgeMs = 0, parkedKeys, lag } = report;
  if (state !== 'running' || parkedKeys > 0 || oldestAgeMs <= BEHIND_MS) return [];
  return [
    {
      severity: 'warning',
      reason: 'Behind',
      ...sinceOldest(report, now),
      message: `The oldest event has waited for ${formatDuration(toSeconds(oldestAgeMs))}; ${eventsOf(lag)} to be handled.`,
      ...causeOf(report),
      next: `tenfold top${inNamespace(report.namespace)}`,
    },
  ];
}

function deadOf(count: number, where: string, namespace: string): OwnFinding[] {
  if (count === 0) return [];
  return [
    {
      severity: 'warning',
      reason: 'DeadLetters',
      message: `${counted(count, 'event')} ${count === 1 ? 'was' : 'were'} given up, and ${count === 1 ? 'is kept as a dead letter' : 'are kept as dead letters'}.`,
      next: `tenfold dead list ${where}${inNamespace(namespace)}`,
    },
  ];
}

function leftOut(
  counts: { readonly refused: number; readonly jumped: number },
  namespace: string,
  next: string,
): OwnFinding[] {
  const { refused, jumped } = counts;
  const found: OwnFinding[] = [];
  if (jumped > 0)
    found.push({
      severity: 'error',
      reason: 'EventsExpired',
      message: `Retention deleted ${counted(jumped, 'event')} before it had read them, since the platform started.`,
      next: `Give its Topic a longer retention; "tenfold top${inNamespace(namespace)}" shows how far behind it is.`,
    });
  if (refused > 0)
    found.push({
      severity: 'warning',
      reason: 'EventsRefused',
      message: `It could make nothing of ${counted(refused, 'event')}, since the platform started.`,
      next,
    });
  return found;
}

function setAside(count: number, next: string): OwnFinding[] {
  if (count === 0) return [];
  const kept = count === 1 ? 'which is kept as a dead letter' : 'which are kept as dead letters';
  return [
    {
      severity: 'warning',
      reason: 'EventsRefused',
      message: `It could make nothing of ${counted(count, 'event')}, ${kept}.`,
      next,
    },
  ];
}

function causeOf(report: ConsumerReport): { readonly cause?: string } {
  return told(causeWith(holdOf(report, false), newestOf(report)));
}

function newestOf({ newestFailure: newest }: ConsumerReport): string | undefined {
  return newest && failureText({ message: newest.error, cause: newest.cause });
}

/** The newest failure may be one of another event. */
function firstOf(
  first: ConsumerReport['failedFirst'],
  report: ConsumerReport,
  now: number,
): { readonly since?: string; readonly cause?: string } {
  if (first === undefined) return { ...sinceOldest(report, now), ...told(newestOf(report)) };
  return { since: first.since, ...told(first.cause) };
}

function told(cause: string | undefined): { readonly cause?: string } {
  return cause === undefined ? {} : { cause };
}

function sinceOldest({ oldestAgeMs }: ConsumerReport, now: number): { readonly since?: string } {
  return oldestAgeMs === undefined ? {} : { since: toTimestamp(now - oldestAgeMs) };
}

/** As commands take it. */
function argument({ kind, name }: ConsumerReport): string {
  return `${kind.toLowerCase()}/${name}`;
}

/** Always named: without it, a command takes the namespace of the context in a cluster. */
export function inNamespace(namespace: string): string {
  return ` -n ${namespace}`;
}

function eventsOf(lag: number | undefined): string {
  return lag === undefined ? 'an unknown number of events' : counted(lag, 'event');
}

function toSeconds(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}
