// Computes the state of a resource: gathers nothing itself, decides from gathered facts.
import { counted } from '../core/units/counted.ts';
import type { FunctionStatus } from '../drivers/function-host/function-host.ts';
import { keepsState } from '../resources/keeps-state.ts';
import type { Reason } from '../resources/reasons.ts';
import type { AnyResource, Resource, ResourceProblem } from '../resources/resource.ts';
import type { Condition } from './condition.ts';
import { findingsOf } from './diagnosis/findings-of.ts';
import { sourceText } from './diagnosis/source-findings.ts';
import type { ConsumerReport, PipelineReport, TopicReport, ViewReport } from './event-view.ts';
import { newestFailureText, restText } from './failure-view.ts';
import type { FanOutReport } from './fan-out-view.ts';
import type { Gathered } from './gathered.ts';
import type { ClusterStatus, NotInForce } from './platform-view.ts';
import type { RouteView } from './route-view.ts';

/**
 * The problems whose position is in the document of `resource`: from its first line up to the next
 * document's.
 */
export function problemsOf(resource: AnyResource, gathered: Gathered): ResourceProblem[] {
  const { file, line } = resource.origin;
  let end = Number.POSITIVE_INFINITY;
  for (const other of gathered.resources) {
    if (other.origin.file === file && other.origin.line > line) end = Math.min(end, other.origin.line);
  }
  return gathered.problems.filter(found => found.file === file && found.line >= line && found.line < end);
}

/**
 * Conditions by the state that this process sees. In a cluster they have the words of the object's
 * status, with this process's own findings beside them.
 */
export function conditionsOf(resource: AnyResource, gathered: Gathered): readonly Condition[] {
  const moved = switched(resource, gathered);
  const own = { accepted: moved ?? accepted(problemsOf(resource, gathered)), ready: ready(resource, gathered) };
  const told = gathered.statusOf?.(resource);
  if (!told?.conditions.some(({ type }) => type === 'Ready')) {
    return [own.accepted, own.ready, healthy(own.ready, resource, gathered)];
  }
  const conditions = told.conditions.map(condition => {
    if (condition.type === 'Accepted') return beside(condition, moved);
    const isNew = ONLY_SEEN_HERE.has(own.ready.reason) && own.ready.reason !== condition.reason;
    return condition.type === 'Ready' && isNew ? beside(condition, own.ready) : condition;
  });
  const shown = conditions.find(({ type }) => type === 'Ready') ?? own.ready;
  return [...conditions, healthy(shown, resource, gathered)];
}

/** A resource that does not work is not healthy either; nobody knows of one that is starting. */
function healthy(is: Condition, resource: AnyResource, gathered: Gathered): Condition {
  if (is.status !== 'True') return { ...is, type: 'Healthy' };
  const [worst] = findingsOf(resource, gathered);
  if (worst === undefined) {
    return { type: 'Healthy', status: 'True', reason: 'AsExpected', message: 'Nothing is wrong.' };
  }
  const { reason, message, cause } = worst;
  const text = cause === undefined ? message : `${message} The newest cause: ${cause}`;
  return { type: 'Healthy', status: 'False', reason, message: text };
}

/** Conditions of an object of a cluster of which no version is in force. */
export function conditionsOfNotInForce(
  object: NotInForce,
  gathered: Pick<Gathered, 'problems'>,
  told?: ClusterStatus,
): readonly Condition[] {
  if (told?.conditions.some(({ type }) => type === 'Accepted')) return told.conditions;
  const own = gathered.problems.filter(({ file }) => file === object.origin.file);
  const error = own.find(({ severity }) => severity === 'error');
  const message = error === undefined ? '' : describe(error);
  return [
    {
      type: 'Accepted',
      status: error === undefined ? 'Unknown' : 'False',
      reason: error === undefined ? 'NotTakenUp' : 'Invalid',
      message,
    },
    readyIs('False', 'NotAccepted', 'No version of it is in force.'),
  ];
}

/** Reasons that no operator knows. */
const ONLY_SEEN_HERE: ReadonlySet<Reason> = new Set([
  'Paused',
  'TargetRests',
  'LegacyBehind',
  'Stopped',
  'DiskFailing',
]);

function beside(condition: Condition, seen: Said | undefined): Condition {
  return seen === undefined ? condition : { ...condition, message: `${condition.message} ${seen.message}`.trim() };
}

/** A condition in the one vocabulary that there is. */
interface Said extends Condition {
  readonly reason: Reason;
}

function accepted(problems: readonly ResourceProblem[]): Said {
  const error = problems.find(found => found.severity === 'error');
  if (error) {
    const message = `${describe(error)} The version before this change stays in force.`;
    return { type: 'Accepted', status: 'False', reason: error.reason ?? 'Invalid', message };
  }
  const warning = problems.find(found => found.severity === 'warning');
  if (warning) {
    return { type: 'Accepted', status: 'True', reason: warning.reason ?? 'Valid', message: describe(warning) };
  }
  return { type: 'Accepted', status: 'True', reason: 'Valid', message: 'The declared version is in force.' };
}

/**
 * Features that a command or a promotion moved: the declared version differs from the one in force,
 * until the resource says the same.
 */
function switched(resource: AnyResource, gathered: Gathered): Said | undefined {
  if (resource.kind !== 'Strangler' || problemsOf(resource, gathered).some(found => found.severity === 'error')) {
    return undefined;
  }
  const moved = (gathered.stranglers.find(isNamed(resource))?.features ?? []).flatMap(feature =>
    feature.switched ? [`${feature.name} is ${say(feature)} and the resource says ${say(feature.declared)}`] : [],
  );
  if (moved.length === 0) return undefined;
  const message = `${moved.join('; ')}. Write it into the resource to make it last.`;
  return { type: 'Accepted', status: 'True', reason: 'Switched', message };
}

function say({ phase, percent }: { readonly phase: string; readonly percent: number }): string {
  return phase === 'canary' ? `canary ${percent}%` : phase;
}

function describe(found: ResourceProblem): string {
  const where = found.path === '' ? '' : `${found.path}: `;
  return `Line ${found.line}: ${where}${found.message}`;
}

function ready(resource: AnyResource, gathered: Gathered): Said {
  if (gathered.disk.length > 0 && keepsState(resource.kind))
    return readyIs('False', 'DiskFailing', gathered.disk.join(' '));
  const found = working(resource, gathered);
  const damaged = (gathered.damaged ?? []).filter(
    ({ owner }) => owner.kind === resource.kind && isNamed(resource)(owner),
  ).length;
  if (found.status !== 'True' || damaged === 0) return found;
  const those = damaged === 1 ? 'One of its objects is' : `${damaged} of its objects are`;
  return { ...found, message: `${those} damaged: "tenfold doctor --repair". ${found.message}` };
}

function working(resource: AnyResource, gathered: Gathered): Said {
  switch (resource.kind) {
    case 'Function':
      return functionReady(resource, gathered.functions);
    case 'Api':
      return routesReady(resource, gathered.routes);
    case 'Strangler':
      return facadeReady(resource, gathered);
    case 'Aggregate':
      return readyIs('True', 'InForce', 'It answers wherever something leads to it.');
    case 'Topic':
      return topicReady(resource, gathered.topics);
    case 'Subscription':
    case 'Queue':
      return consumerReady(resource, gathered.consumers);
    case 'View':
      return viewReady(resource, gathered.views);
    case 'Pipeline':
      return pipelineReady(resource, gathered.pipelines);
    case 'FanOut':
      return fanOutReady(resource, gathered.fanOuts);
  }
}

function functionReady(resource: Resource<'Function'>, functions: readonly FunctionStatus[]): Said {
  const { url } = resource.spec;
  if (url !== undefined) return readyIs('True', 'External', `Calls go to ${url}; whether it answers is not watched.`);
  const status = functions.find(isNamed(resource));
  if (!status) return readyIs('Unknown', 'Starting', 'The function host has not reported it yet.');
  const { state, instances, lastError } = status;
  switch (state) {
    case 'available':
      if (lastError === undefined) return readyIs('True', 'Available', running(instances));
      return readyIs('True', 'Available', `${running(instances)} The newest trouble: ${lastError}`);
    case 'asleep':
      return readyIs('True', 'Asleep', 'Nothing runs; the next request starts it.');
    case 'starting':
      return readyIs('Unknown', 'Starting', 'It is starting.');
    case 'stopped':
      return readyIs('False', 'Stopped', 'It is scaled to 0 replicas and answers 503.');
    case 'unavailable':
      return readyIs('False', 'Unavailable', lastError ?? 'It does not start.');
  }
}

function routesReady(resource: AnyResource, routes: readonly RouteView[]): Said {
  const count = routes.filter(route => route.kind === resource.kind && isNamed(resource)(route)).length;
  if (count === 0) return readyIs('False', 'NotTakenUp', 'The gateway serves none of its routes.');
  return readyIs('True', 'InForce', `${counted(count, 'route')}.`);
}

/** Clients are served, however far changes have come back to legacy; but people must see it. */
function facadeReady(resource: AnyResource, { routes, stranglers }: Gathered): Said {
  const routed = routesReady(resource, routes);
  if (routed.status !== 'True') return routed;
  const late = (stranglers.find(isNamed(resource))?.features ?? []).flatMap(({ name, sync }) =>
    sync?.behind === undefined ? [] : [`${name}: ${sync.behind}`],
  );
  return late.length === 0 ? routed : readyIs('True', 'LegacyBehind', late.join(' '));
}

const LOG_AWAY = readyIs('Unknown', 'LogUnavailable', 'The event log cannot be asked at the moment.');

function topicReady(resource: AnyResource, topics: readonly TopicReport[] | undefined): Said {
  if (!topics) return LOG_AWAY;
  const report = topics.find(isNamed(resource));
  if (!report?.there) return readyIs('False', 'LogUnavailable', 'The log has not been able to make it yet.');
  const source = report.source === undefined ? '' : ` ${sourceText(report.source)}`;
  const events = `${counted(report.events, 'event')} in ${counted(report.partitions, 'partition')}.`;
  return readyIs('True', 'InForce', `${events}${source}`);
}

function consumerReady(resource: AnyResource, consumers: readonly ConsumerReport[] | undefined): Said {
  if (!consumers) return LOG_AWAY;
  const report = consumers.find(each => each.kind === resource.kind && isNamed(resource)(each));
  if (!report) return readyIs('False', 'NotTakenUp', 'Nothing delivers its events yet.');
  const { state, lastError, lag, parkedKeys, pausedByCommand } = report;
  const newest = newestFailureText(state === 'resting' || parkedKeys > 0 ? report.newestFailure : undefined);
  const waiting = `${numberOf(lag, 'event', 'an')} to be handled, ${counted(parkedKeys, 'key')} parked.${newest}`;
  switch (state) {
    case 'running':
    case 'finished':
      return readyIs('True', 'InForce', waiting);
    case 'resting':
      return readyIs('True', 'TargetRests', `${restText(report)} ${waiting}`);
    case 'paused':
      return readyIs('True', 'Paused', `Paused by ${pausedByCommand ? 'command' : 'its resource'}; ${waiting}`);
    case 'starting':
      return readyIs(lastError === undefined ? 'Unknown' : 'False', 'Starting', lastError ?? 'It is starting.');
    case 'stopped':
      return readyIs('False', 'Stopped', lastError ?? `Too much is parked: nothing more is read. ${waiting}`);
  }
}

function numberOf(count: number | undefined, word: string, article = 'An'): string {
  return count === undefined ? `${article} unknown number of ${word}s` : counted(count, word);
}

function viewReady(resource: AnyResource, views: readonly ViewReport[] | undefined): Said {
  if (!views) return LOG_AWAY;
  const report = views.find(isNamed(resource));
  if (!report) return readyIs('False', 'NotTakenUp', 'Nothing folds its events yet.');
  const { state, lastError, behind, asOf } = report;
  if (state === 'running') {
    // Without records to fold it is as of now, whenever that is.
    const moment = behind === 0 ? '' : `, as of ${asOf ?? 'unknown'}`;
    return readyIs('True', 'InForce', `${numberOf(behind, 'record')} behind${moment}.`);
  }
  return notRunning(state, lastError);
}

function pipelineReady(resource: AnyResource, pipelines: readonly PipelineReport[] | undefined): Said {
  if (!pipelines) return LOG_AWAY;
  const report = pipelines.find(isNamed(resource));
  if (!report) return readyIs('False', 'NotTakenUp', 'Nothing reads its events yet.');
  const { state, lastError, lag, tables } = report;
  const away = tables.flatMap(({ trouble }) => (trouble ? ` A table cannot be written: ${trouble}` : []))[0] ?? '';
  if (state === 'running') return readyIs('True', 'InForce', `${numberOf(lag, 'event')} to be read.${away}`);
  return notRunning(state, lastError);
}

/** Its items are delivered whether or not what became of others can be counted at the moment. */
function fanOutReady(resource: AnyResource, fanOuts: readonly FanOutReport[] | undefined): Said {
  if (!fanOuts) return LOG_AWAY;
  const report = fanOuts.find(isNamed(resource));
  if (!report) return readyIs('False', 'NotTakenUp', 'Nothing keeps the state of its jobs yet.');
  const { state, lastError, behind } = report;
  const waiting = `${behind ?? 'An unknown number of'} facts about its jobs to be counted.`;
  if (state === 'running' && lastError !== undefined)
    return readyIs('True', 'InForce', `${waiting} The newest trouble: ${lastError}`);
  if (state === 'running') return readyIs('True', 'InForce', waiting);
  return notRunning(state, lastError);
}

function notRunning(state: 'starting' | 'stopped', lastError: string | undefined): Said {
  if (state === 'stopped') return readyIs('False', 'Stopped', lastError ?? 'It has been stopped.');
  return readyIs(lastError === undefined ? 'Unknown' : 'False', 'Starting', lastError ?? 'It is starting.');
}

function isNamed(resource: AnyResource): (other: { readonly namespace: string; readonly name: string }) => boolean {
  return other => other.namespace === resource.metadata.namespace && other.name === resource.metadata.name;
}

function running(instances: number): string {
  return `${instances} ${instances === 1 ? 'instance is' : 'instances are'} available.`;
}

function readyIs(status: Condition['status'], reason: Reason, message: string): Said {
  return { type: 'Ready', status, reason, message };
}
