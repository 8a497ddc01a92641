// How calls are divided between the newest Revision of a Function and the one that had all of them,
// while it declares a canary. Pure.
import type { Resource } from '../../../resources/resource.ts';
import { type KubeObject, readList, readNumber, readText } from '../../api/kube-object.ts';
import type { Observation, Share } from '../provider.ts';
import { foundOf } from './names.ts';

const ALL = 100;
/** On its Knative Service: the Revision that keeps its calls, for somebody may change `traffic`. */
const STABLE = 'tenfold.dev/stable-revision';

export interface Division {
  readonly traffic: readonly Readonly<Record<string, unknown>>[];
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 * The division that its Knative Service declares. Undefined where Knative decides, which gives all
 * calls to the newest Revision: without a canary, and until one has been ready.
 */
export function divisionOf(fn: Resource<'Function'>, live: readonly KubeObject[]): Division | undefined {
  const percent = percentOf(fn);
  if (percent === undefined) return undefined;
  const stable = stableOf(fn, live);
  if (stable === undefined) return undefined;
  const traffic = [
    { tag: 'stable', revisionName: stable, percent: ALL - percent },
    // The newest that has been ready: one that never is gets no calls.
    { tag: 'canary', latestRevision: true, percent },
  ];
  return { traffic, annotations: { [STABLE]: stable } };
}

/**
 * The share of calls that its canary gets, in percent. Undefined without one: a canary with all
 * calls is none any more.
 */
export function percentOf({ spec }: Resource<'Function'>): number | undefined {
  return spec.canary?.percent === ALL ? undefined : spec.canary?.percent;
}

/**
 * The Revision that was kept until now, else the one with most of the calls. It goes by name alone:
 * a lost label hides a Revision, so nobody knows here whether it exists. When it is gone, Knative
 * says so, and leaves its calls as they are.
 */
function stableOf(fn: Resource<'Function'>, live: readonly KubeObject[]): string | undefined {
  const { service } = foundOf(fn, live);
  const kept = service?.metadata.annotations?.[STABLE];
  if (kept) return kept;
  const targets = readList(service, 'spec', 'traffic');
  const share = (target: unknown) => readNumber(target, 'percent') ?? 0;
  const divided =
    targets.find(target => readText(target, 'tag') === 'stable') ?? targets.toSorted((a, b) => share(b) - share(a))[0];
  return readText(divided, 'revisionName') ?? readText(service, 'status', 'latestReadyRevisionName');
}

/** The shares that Knative reports. Undefined unless there are two versions. */
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
