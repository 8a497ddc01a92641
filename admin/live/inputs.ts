// Compares what the states of resources are decided from, besides the lists that the stream of
// changes tells itself. Comparing costs less than deciding the states of ten thousand resources.
import { hash } from 'node:crypto';
import type { Gathered } from '../gathered.ts';
import type { PlatformView } from '../platform-view.ts';

export interface Inputs {
  /** The states of resources are what they were, as far as they depend on these. */
  readonly areSame: boolean;
  /** Differs when something differs that no list tells. */
  readonly rest: string;
}

type Known = Pick<
  PlatformView,
  'callerTroubles' | 'notInForce' | 'policies' | 'readiness' | 'requests' | 'since' | 'statusOf'
>;

/** Each call compares with the call before. */
export function createInputs(view: Known): (gathered: Gathered) => Inputs {
  let before: { readonly rest: string; readonly resources: unknown; readonly standing: readonly unknown[] } | undefined;
  return gathered => {
    const { resources } = gathered;
    const rest = restOf(gathered, view);
    const standing = resources.flatMap(({ kind, metadata: { namespace, name } }) => [
      view.statusOf?.(kind, namespace, name),
      view.since?.(kind, namespace, name),
    ]);
    const areSame =
      before?.rest === rest &&
      before.resources === resources &&
      before.standing.every((one, at) => one === standing[at]) &&
      !isAging(gathered);
    before = { rest, resources, standing };
    return { areSame, rest };
  };
}

function restOf(gathered: Gathered, view: Known): string {
  const { calls, routes, stranglers, damaged, disk, problems } = gathered;
  const others = [view.notInForce?.(), view.callerTroubles(), view.readiness(), view.requests(), view.policies.cache()];
  return hash('sha256', JSON.stringify([calls, routes, stranglers, damaged, disk, problems, others]), 'base64url');
}

/** Whether a state may change by the mere passing of time. */
export function isAging({ consumers = [], views = [] }: Pick<Gathered, 'consumers' | 'views'>): boolean {
  return consumers.some(({ oldestAgeMs }) => oldestAgeMs !== undefined) || views.some(({ behind }) => behind !== 0);
}
