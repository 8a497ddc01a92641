// How calls are divided between the newest Revision of a Function and the one that had all of them, while it declares a canary. Pure.
import type { Resource } from '../../../resources/resource.ts';
import { type KubeObject, readList, readNumber, readText } from '../../api/kube-object.ts';
import type { Observation, Share } from '../provider.ts';
import { foundOf } from './names.ts';

const ALL = 100;
/** Of its Knative Service: the Revision that keeps its calls, for somebody may change `traffic`. */
const STABLE = 'tenfold.dev/stable-revision';

export interface Division {
  readonly traffic: readonly Readonly<Record<string, unknown>>[];
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 * What its Knative Service says of it. Undefined where that is left to Knative, which gives all calls to the newest Revision: without a canary, and until one
 * has been ready.
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

/** What its canary gets of the calls, in percent. Undefined without one: with all calls it is none any more. */
export function percentOf({ spec }: Resource<'Function'>): number | undefined {
  return spec.canary?.percent === ALL ? undefined : spec.canary?.percent;
}

/**
 * The one that was kept until now, else the one with most of the calls. By name alone: whether a Revision is there is not known here, as one that lost its
 * label is not followed. Where it is gone Knative says so, and leaves its calls as they are.
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
