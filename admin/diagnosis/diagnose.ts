// Looks at all that a platform knows of itself, and says what is wrong: with each resource, and
// with the platform as a whole.
import { toTimestamp } from '../../core/world.ts';
import { type Reason, reasons } from '../../resources/reasons.ts';
import { namedKeys } from '../../resources/references/named-keys.ts';
import { type AnyResource, type ResourceProblem, resourceKey } from '../../resources/resource.ts';
import type { Scope } from '../access/scope.ts';
import type { Condition } from '../condition.ts';
import type { ConsumerReport } from '../event-view.ts';
import type { Gathered } from '../gathered.ts';
import { slicesOf } from '../live/slices.ts';
import type { ClusterStatus, NotInForce, Readiness } from '../platform-view.ts';
import { conditionsOf, conditionsOfNotInForce, problemsOf } from '../resource-state.ts';
import { findingsOfConsumer, inNamespace } from './consumer-findings.ts';
import type { Diagnosis, Finding, ResourceName } from './finding.ts';
import { calledInVain, findingsOf } from './findings-of.ts';

/** The platform knows this beyond its resources. */
export interface About {
  readonly readiness: Readiness;
  readonly notInForce: readonly NotInForce[];
  /** See the same of `PlatformView`. */
  readonly callerTroubles?: readonly string[];
  readonly statusOf?: ((kind: string, namespace: string, name: string) => ClusterStatus | undefined) | undefined;
}

/** `namespace`: of it alone, and of the platform. `scope`: what is told is of these alone. */
export function diagnose(
  gathered: Gathered,
  about: About,
  namespace?: string,
  scope: Scope = { all: true, has: () => true },
): Diagnosis {
  const isMeant = (one: { readonly namespace: string }) =>
    scope.has(one.namespace) && (namespace === undefined || one.namespace === namespace);
  const resources = gathered.resources.filter(({ metadata }) => isMeant(metadata));
  const touches = touchesOf(gathered.resources, scope);
  const sliceOf = slicesOf(gathered);
  const findings = [
    ...platformFindings(gathered, about),
    ...resources.flatMap(resource => findingsOfResource(resource, sliceOf(resource), touches)),
    ...about.notInForce.filter(isMeant).flatMap(object => findingsOfNotInForce(object, gathered, about)),
    ...replays(gathered)
      .filter(isMeant)
      .flatMap(report => findingsOfReplay(report, gathered.at)),
    // The owner of that file is not known.
    ...(scope.all ? loose(gathered, about, sliceOf) : []).map(findingOfProblem),
  ];
  return {
    at: toTimestamp(gathered.at),
    findings: findings.toSorted((one, other) => rank(one) - rank(other)),
    resources: resources.length,
    unknown: unknownOf(gathered),
  };
}

function platformFindings({ disk, backupTrouble }: Gathered, { readiness, callerTroubles = [] }: About): Finding[] {
  const full = disk.map(
    (message): Finding => ({
      severity: 'error',
      reason: 'DiskFailing',
      message,
      touches: [],
      next: 'Make room on the disk, or mend it; the platform goes on by itself.',
    }),
  );
  const late = [backupTrouble ?? []].flat().map(
    (message): Finding => ({
      severity: 'warning',
      reason: 'BackupFailing',
      message,
      touches: [],
      next: 'Mend what it says; the platform tries again every ten minutes.',
    }),
  );
  // A disk is among the reasons as well.
  const reasons = readiness.ready ? [] : readiness.reasons.filter(reason => !disk.some(why => reason.includes(why)));
  return [
    ...full,
    ...late,
    ...callerTroubles.map(
      (message): Finding => ({
        severity: 'error',
        reason: 'Invalid',
        message,
        touches: [],
        next: 'Mend it; until then none of its callers is let in. The process reads it again by itself.',
      }),
    ),
    ...reasons.map(
      (message): Finding => ({
        severity: 'error',
        reason: 'NotReady',
        message,
        touches: [],
        next: 'See the log of the process, which says what it waits for.',
      }),
    ),
  ];
}

function findingsOfResource(
  resource: AnyResource,
  gathered: Gathered,
  touches: (resource: AnyResource) => readonly string[],
): Finding[] {
  const { kind, metadata } = resource;
  const named = { kind, namespace: metadata.namespace, name: metadata.name };
  const conditions = conditionsOf(resource, gathered).filter(({ type }) => type !== 'Healthy');
  const own = findingsOf(resource, gathered)
    // The finding about the consumer that calls it has the same cause.
    .filter(() => kind !== 'Function' || calledInVain(resource, gathered).length === 0)
    .map((finding): Finding => ({ resource: named, ...finding, touches: touches(resource) }));
  return [
    ...conditions.flatMap(condition => findingsOfCondition(condition, named, gathered, own, touches(resource))),
    ...own,
  ];
}

/** Conditions of a resource that works are told where nothing else tells the same. */
const TOLD_BY_ITSELF: ReadonlySet<string> = new Set<Reason>(['DiskFailing', 'LogUnavailable']);
const WORKS: ReadonlySet<string> = new Set<Reason>([
  'Valid',
  'Available',
  'InForce',
  'Asleep',
  'Waking',
  'External',
  'Paused',
  'TargetRests',
]);

function findingsOfCondition(
  { type, status, reason, message }: Condition,
  resource: ResourceName,
  { disk }: Gathered,
  own: readonly Finding[],
  touches: readonly string[],
): Finding[] {
  if (disk.length > 0 && reason === 'DiskFailing') return [];
  const isBad = type === 'Degraded' || type === 'Stalled' ? status === 'True' : status !== 'True' || !WORKS.has(reason);
  if (!isBad || (TOLD_BY_ITSELF.has(reason) && status === 'Unknown')) return [];
  if (!isReason(reason) || own.some(finding => finding.reason === reason)) return [];
  const severity = status === 'False' || type === 'Stalled' ? 'error' : 'warning';
  const isRefused = type === 'Accepted' && status === 'False';
  return [{ resource, severity, reason, message, touches, next: isRefused ? MEND : nextOf(resource, reason) }];
}

const MEND = 'Mend what the message names, then apply it again; "tenfold validate" checks before.';

function nextOf({ kind, namespace, name }: ResourceName, reason: Reason): string {
  // The status has the message alone; the autoscaler has its figures and its Events as well.
  if (reason === 'CannotScale') return `kubectl describe hpa -l tenfold.dev/function=${name}${inNamespace(namespace)}`;
  return `tenfold get ${kind.toLowerCase()} ${name}${inNamespace(namespace)}`;
}

function findingsOfNotInForce(object: NotInForce, gathered: Gathered, { statusOf }: About): Finding[] {
  const { kind, namespace, name } = object;
  const told = statusOf?.(kind, namespace, name);
  return conditionsOfNotInForce(object, gathered, told)
    .filter(({ type }) => type === 'Accepted')
    .flatMap(condition => findingsOfCondition(condition, { kind, namespace, name }, gathered, [], []));
}

/** Replays are no resources, and may be stuck like others. */
function replays({ consumers = [] }: Gathered): ConsumerReport[] {
  return consumers.filter(({ replayOf, state }) => replayOf !== undefined && state !== 'finished');
}

function findingsOfReplay(report: ConsumerReport, now: number): Finding[] {
  const { kind, namespace, name } = report;
  return findingsOfConsumer(report, now).map(found => ({ resource: { kind, namespace, name }, ...found, touches: [] }));
}

/** Problems that no resource shows, as those of a file that cannot be read. */
function loose(
  gathered: Gathered,
  { notInForce }: About,
  sliceOf: (resource: AnyResource) => Gathered,
): ResourceProblem[] {
  const shown = new Set(gathered.resources.flatMap(resource => problemsOf(resource, sliceOf(resource))));
  const files = new Set(notInForce.map(({ origin }) => origin.file));
  return gathered.problems.filter(problem => !shown.has(problem) && !files.has(problem.file));
}

function findingOfProblem({ severity, reason, file, line, message }: ResourceProblem): Finding {
  return {
    severity,
    reason: reason ?? 'Invalid',
    message: `${file}:${line}: ${message}`,
    touches: [],
    next: 'tenfold get problems',
  };
}

function unknownOf({ topics, consumers, views, pipelines, fanOuts, damaged }: Gathered): string[] {
  const asked = { Topics: topics, consumers, Views: views, Pipelines: pipelines, FanOuts: fanOuts };
  const away = Object.entries(asked).flatMap(([what, answer]) => (answer === undefined ? [what] : []));
  return [
    ...(away.length === 0
      ? []
      : [`The event log or the store does not answer: nothing is known of ${away.join(', ')}.`]),
    ...(damaged === undefined ? ['The store does not answer: nothing is known of damaged objects.'] : []),
  ];
}

/** The resources that lead to one, directly or through others: `Api shop`. */
function touchesOf(
  resources: readonly AnyResource[],
  scope: Pick<Scope, 'has'>,
): (resource: AnyResource) => readonly string[] {
  const leading = new Map<string, AnyResource[]>();
  for (const resource of resources) {
    for (const key of namedKeys(resource)) leading.set(key, [...(leading.get(key) ?? []), resource]);
  }
  return resource => {
    const reached = new Set([resource]);
    for (const one of reached) for (const next of leading.get(keyOf(one)) ?? []) reached.add(next);
    reached.delete(resource);
    const shown = [...reached].filter(({ metadata }) => scope.has(metadata.namespace));
    return shown.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  };
}

function keyOf({ kind, metadata }: AnyResource): string {
  return resourceKey(kind, metadata.namespace, metadata.name);
}

function isReason(text: string): text is Reason {
  return Object.hasOwn(reasons, text);
}

function rank({ severity }: Finding): number {
  return severity === 'error' ? 0 : 1;
}
