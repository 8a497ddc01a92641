// Finds what is wrong with the work of a resource that is in force and ready: the worst first.
import { counted } from '../../core/units/counted.ts';
import { isItOrPartOf } from '../../resources/part-of.ts';
import type { AnyResource } from '../../resources/resource.ts';
import type { Gathered } from '../gathered.ts';
import { findingsOfCalls } from './call-findings.ts';
import { findingsOfConsumer, findingsOfPipeline, findingsOfView } from './consumer-findings.ts';
import type { OwnFinding, ResourceName } from './finding.ts';
import { findingsOfSource } from './source-findings.ts';

export function findingsOf(resource: AnyResource, gathered: Gathered): OwnFinding[] {
  const found = [...ofKind(resource, gathered), ...damaged(resource, gathered)];
  return found.toSorted((one, other) => rank(one) - rank(other));
}

function ofKind(resource: AnyResource, gathered: Gathered): OwnFinding[] {
  const { consumers = [], views = [], pipelines = [], topics = [], calls, at } = gathered;
  const mine = consumers.filter(report => isItOrPartOf(report, { kind: resource.kind, ...resource.metadata }));
  const isIt = (report: Omit<ResourceName, 'kind'>) => isNamed(report, resource);
  switch (resource.kind) {
    case 'Function':
      return [...calls.filter(isIt).flatMap(findingsOfCalls), ...calledInVain(resource, gathered)].slice(0, 1);
    case 'Topic':
      return topics.filter(isIt).flatMap(({ source }) => (source === undefined ? [] : findingsOfSource(source, at)));
    case 'Queue':
      return mine.flatMap(report => findingsOfConsumer(report, at, resource.spec.maxWaiting));
    case 'View':
      return [
        ...mine.flatMap(report => findingsOfConsumer(report, at)),
        ...views.filter(isIt).flatMap(report => findingsOfView(report, at)),
      ];
    case 'Pipeline':
      return [
        ...mine.flatMap(report => findingsOfConsumer(report, at)),
        ...pipelines.filter(isIt).flatMap(findingsOfPipeline),
      ];
    default:
      return mine.flatMap(report => findingsOfConsumer(report, at));
  }
}

/** Names the consumers whose calls of it fail, whichever process makes them. */
export function calledInVain({ metadata }: AnyResource, { consumers = [] }: Gathered): OwnFinding[] {
  const failing = consumers.filter(
    ({ namespace, target, state, parkedKeys, failingKeys = parkedKeys }) =>
      namespace === metadata.namespace &&
      target === `function ${metadata.name}` &&
      (state === 'resting' || failingKeys > 0),
  );
  return failing.flatMap(report =>
    findingsOfConsumer(report, 0)
      .filter(({ reason }) => reason === 'FailingCalls' || reason === 'KeysParked')
      .slice(0, 1)
      .map(({ cause, next }) => ({
        severity: 'error' as const,
        reason: 'FailingCalls' as const,
        message: `Calls of ${report.kind} ${report.name} fail.`,
        ...(cause === undefined ? {} : { cause }),
        next,
      })),
  );
}

function damaged(resource: AnyResource, { damaged: all = [] }: Gathered): OwnFinding[] {
  const count = all.filter(({ owner }) => owner.kind === resource.kind && isNamed(owner, resource)).length;
  if (count === 0) return [];
  const message = `${counted(count, 'object')} of it ${count === 1 ? 'is' : 'are'} damaged.`;
  return [{ severity: 'error', reason: 'ObjectsDamaged', message, next: 'tenfold doctor --repair' }];
}

function isNamed({ namespace, name }: Omit<ResourceName, 'kind'>, { metadata }: AnyResource): boolean {
  return namespace === metadata.namespace && name === metadata.name;
}

function rank({ severity }: OwnFinding): number {
  return severity === 'error' ? 0 : 1;
}
