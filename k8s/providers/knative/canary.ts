// How calls are divided between the newest Revision of a Function and the one that had all of them, while it declares a canary. Pure.
import type { Resource } from '../../../resources/resource.ts';
import { type KubeObject, readList, readNumber, readText } from '../../api/kube-object.ts';
import type { Observation, Share } from '../provider.ts';
import { foundOf } from './names.ts';

const ALL = 100;

/**
 * The `traffic` of its Knative Service. Undefined where that is left to Knative, which gives all calls to the newest Revision: without a canary, and until one
 * has been ready.
 */
export function trafficOf(
  fn: Resource<'Function'>,
  live: readonly KubeObject[],
): readonly Readonly<Record<string, unknown>>[] | undefined {
  const percent = percentOf(fn);
  if (percent === undefined) return undefined;
  const stable = stableOf(fn, live);
  if (stable === undefined) return undefined;
  return [
    { tag: 'stable', revisionName: stable, percent: ALL - percent },
    // The newest that has been ready: one that never is gets no calls.
    { tag: 'canary', latestRevision: true, percent },
  ];
}

/** What its canary gets of the calls, in percent. Undefined without one: with all calls it is none any more. */
export function percentOf({ spec }: Resource<'Function'>): number | undefined {
  return spec.canary?.percent === ALL ? undefined : spec.canary?.percent;
}

/** The one that was kept until now, else the one with most of the calls. */
function stableOf(fn: Resource<'Function'>, live: readonly KubeObject[]): string | undefined {
  const { service, revisions } = foundOf(fn, live);
  const targets = readList(service, 'spec', 'traffic');
  const share = (target: unknown) => readNumber(target, 'percent') ?? 0;
  const kept =
    targets.find(target => readText(target, 'tag') === 'stable') ?? targets.toSorted((a, b) => share(b) - share(a))[0];
  const name = readText(kept, 'revisionName');
  // Somebody may have deleted it.
  const isGone = revisions.length > 0 && revisions.every(({ metadata }) => metadata.name !== name);
  return name === undefined || isGone ? readText(service, 'status', 'latestReadyRevisionName') : name;
}

/** What Knative makes of it. Undefined unless there are two versions. */
export function sharesOf(fn: Resource<'Function'>, service: KubeObject | undefined): Observation['traffic'] {
  if (percentOf(fn) === undefined) return undefined;
  const [stable, canary] = [shareOf(service, 'stable'), shareOf(service, 'canary')];
  return stable && canary && stable.revision !== canary.revision ? [stable, canary] : undefined;
}

function shareOf(service: KubeObject | undefined, tag: Share['tag']): Share | undefined {
  const found = readList(service, 'status', 'traffic').find(one => readText(one, 'tag') === tag);
  const [revision, url] = [readText(found, 'revisionName'), readText(found, 'url')];
  if (revision === undefined || url === undefined) return undefined;
  return { tag, revision, percent: readNumber(found, 'percent') ?? 0, url };
}
