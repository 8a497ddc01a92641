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
  'callerTroubles' | 'notInForce' | 'policies' | 'readiness' | 'requests' | 'since' | 'standing' | 'statusOf'
>;

/** Each call compares with the call before. */
export function createInputs(view: Known): (gathered: Gathered) => Inputs {
  const textOf = createTexts();
  let before: { readonly rest: string; readonly resources: unknown; readonly standing: readonly unknown[] } | undefined;
  return gathered => {
    const { resources } = gathered;
    const rest = restOf(gathered, view, textOf);
    const standing = standingOf(resources, view);
    const areSame =
      before?.rest === rest &&
      before.resources === resources &&
      before.standing.every((one, at) => one === standing[at]) &&
      !isAging(gathered);
    before = { rest, resources, standing };
    return { areSame, rest };
  };
}

function standingOf(resources: Gathered['resources'], view: Known): readonly unknown[] {
  if (view.standing) return [view.standing()];
  return resources.flatMap(({ kind, metadata: { namespace, name } }) => [
    view.statusOf?.(kind, namespace, name),
    view.since?.(kind, namespace, name),
  ]);
}

function restOf(gathered: Gathered, view: Known, textOf: (list: object) => string): string {
  const { calls, routes, stranglers, damaged, disk, problems } = gathered;
  const others = [view.notInForce?.(), view.callerTroubles(), view.readiness(), view.requests(), view.policies.cache()];
  const lasting = [textOf(routes), textOf(problems)];
  return hashOf([calls, stranglers, damaged, disk, lasting, others]);
}

/** The text of a list that stays the same object for long; ten thousand routes are a megabyte. */
function createTexts(): (list: object) => string {
  const known = new WeakMap<object, string>();
  return list => {
    const found = known.get(list) ?? hashOf(list);
    known.set(list, found);
    return found;
  };
}

function hashOf(value: unknown): string {
  return hash('sha256', JSON.stringify(value), 'base64url');
}

/** Whether a state may change by the mere passing of time. */
export function isAging({ consumers = [], views = [] }: Pick<Gathered, 'consumers' | 'views'>): boolean {
  return consumers.some(({ oldestAgeMs }) => oldestAgeMs !== undefined) || views.some(({ behind }) => behind !== 0);
}
