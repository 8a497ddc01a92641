// Resources with their conditions, as lists of the admin API show them.
import type { AnyResource } from '../../resources/resource.ts';
import type { ResourceSummary } from '../api.ts';
import type { Gathered } from '../gathered.ts';
import type { NotInForce, PlatformView } from '../platform-view.ts';
import { conditionsOf, conditionsOfNotInForce } from '../resource-state.ts';
import { slicesOf } from './slices.ts';

type Told = Pick<PlatformView, 'notInForce' | 'statusOf' | 'since'>;

interface Unmade {
  readonly file: string;
  make(): ResourceSummary;
}

/** All of them: those in force, and in a cluster those that are not. */
export function summariesOf(gathered: Gathered, view: Told): ResourceSummary[] {
  return summarizeEach(gathered, view).map(({ make }) => make());
}

/** The same in the same order, each made when it is asked for. */
export function summarizeEach(gathered: Gathered, view: Told): Unmade[] {
  const sliceOf = slicesOf(gathered);
  return [
    ...gathered.resources.map(found => ({
      file: found.origin.file,
      make: () => summaryOf(found, sliceOf(found)),
    })),
    ...(view.notInForce?.() ?? []).map(found => ({
      file: found.origin.file,
      make: () => summaryOfNotInForce(found, gathered, view),
    })),
  ];
}

export function summaryOf(found: AnyResource, gathered: Gathered): ResourceSummary {
  return {
    kind: found.kind,
    namespace: found.metadata.namespace,
    name: found.metadata.name,
    origin: found.origin,
    ...known(gathered.since?.(found)),
    conditions: conditionsOf(found, gathered),
  };
}

export function summaryOfNotInForce(
  found: NotInForce,
  gathered: Gathered,
  { statusOf, since }: Pick<PlatformView, 'statusOf' | 'since'>,
): ResourceSummary {
  const { kind, namespace, name, origin } = found;
  const told = statusOf?.(kind, namespace, name);
  const conditions = conditionsOfNotInForce(found, gathered, told);
  return { kind, namespace, name, origin, ...known(since?.(kind, namespace, name)), conditions };
}

function known(since: string | undefined): Pick<ResourceSummary, 'since'> {
  return since === undefined ? {} : { since };
}
