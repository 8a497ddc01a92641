// Decides which of the resources that a cluster has are in force: all that are valid together,
// whatever is wrong with the others.
import { basename } from 'node:path';
import type { Assignment } from '../../resources/ownership/assignments.ts';
import type { Claimant, ClaimStatus } from '../../resources/ownership/claims.ts';
import { type Listeners, publicAlone } from '../../resources/ownership/listeners.ts';
import { refusedRoutes } from '../../resources/ownership/refused-routes.ts';
import { checkReferences } from '../../resources/references/checks.ts';
import { markedValues } from '../../resources/references/marked-values.ts';
import { namedKeys } from '../../resources/references/named-keys.ts';
import { collisionsOf } from '../../resources/references/routes/colliding-routes.ts';
import { topicsOfTwo } from '../../resources/references/topic-owners.ts';
import { type AnyResource, type ResourceProblem, resourceKey } from '../../resources/resource.ts';
import { createResourceSet, type ResourceSet } from '../../resources/resource-set.ts';
import { routeProblems } from './route-problems.ts';
import { originFileOf } from './to-resource.ts';

/** A declared object. */
export interface Declared {
  readonly key: string;
  /** Undefined when it is not valid by itself; `problems` say why. */
  readonly resource: AnyResource | undefined;
  readonly problems: readonly ResourceProblem[];
  /** An earlier valid version, as the cluster kept it: for a process that has none in force yet. */
  readonly lastValid?: AnyResource | undefined;
  /** Hosts and paths that it has had so far. */
  readonly claimStatus?: readonly ClaimStatus[] | undefined;
  /** Milliseconds since 1970: of two that cannot both be in force the older one is. */
  readonly createdAt: number;
}

export interface Settled {
  /**
   * The versions in force: by key the newest version, or the one before where the newest is
   * invalid.
   */
  readonly resources: ReadonlyMap<string, AnyResource>;
  /** The problems of the newest version of each object, warnings among them; none for most. */
  readonly problems: ReadonlyMap<string, readonly ResourceProblem[]>;
}

/** Finds faults of a set besides references, such as those that compiling finds. */
export type FurtherCheck = (resources: ResourceSet) => readonly ResourceProblem[];

/**
 * `before` are the resources in force until now. The version before of an invalid object stays in
 * force. A version in force that names a deleted object keeps it until the version itself changes.
 * An object that was never valid is left out, and with it the objects that need it.
 */
export function settle(
  declared: readonly Declared[],
  before: ReadonlyMap<string, AnyResource>,
  further: FurtherCheck = () => [],
  assignments: readonly Assignment[] = [],
  listeners: Listeners = publicAlone,
): Settled {
  const byKey = new Map(declared.map(one => [one.key, one]));
  const versionBefore = (key: string) => before.get(key) ?? byKey.get(key)?.lastValid;
  const chosen = new Map<string, AnyResource>();
  for (const { key, resource } of declared) {
    const start = resource ?? versionBefore(key);
    if (start) chosen.set(key, start);
  }
  const problems = new Map(declared.map(one => [one.key, [...one.problems]]));
  const told = new Set<string>();
  const tell = (key: string, problem: ResourceProblem) => {
    // The author of the newest version cannot mend problems of the version before.
    if (chosen.get(key) !== byKey.get(key)?.resource) return;
    const text = `${key} ${problem.path} ${problem.message}`;
    if (told.has(text)) return;
    told.add(text);
    problems.get(key)?.push(problem);
  };

  /**
   * Takes back the chosen version: chooses the version before if there is another one, else
   * nothing.
   */
  const rejected = new Set<string>();
  const reject = (key: string) => {
    const version = versionBefore(key);
    if (version && chosen.get(key) !== version) {
      chosen.set(key, version);
    } else {
      chosen.delete(key);
      rejected.add(key);
    }
  };
  /** A version in force is not taken down because an object that it names was deleted. */
  const keepNamed = (key: string): boolean => {
    const resource = chosen.get(key);
    if (!resource || resource !== before.get(key)) return false;
    const isGone = (name: string) => !byKey.has(name) && !chosen.has(name) && before.has(name) && !rejected.has(name);
    const gone = namedKeys(resource).filter(isGone);
    for (const name of gone) {
      const kept = before.get(name);
      if (kept) chosen.set(name, kept);
    }
    return gone.length > 0;
  };

  // Each round takes something back, or keeps something that was deleted;
  // so there is an end to them.
  for (;;) {
    const found = faultsOf(chosen, byKey, further, assignments, listeners);
    for (const { key, problem } of found) tell(key, problem);
    const wrong = new Set(found.filter(({ problem }) => problem.severity === 'error').map(({ key }) => key));
    if (wrong.size === 0) break;
    for (const key of wrong) if (!keepNamed(key)) reject(key);
  }
  return {
    resources: chosen,
    problems: new Map([...problems].filter(([, list]) => list.length > 0)),
  };
}

interface Fault {
  readonly key: string;
  readonly problem: ResourceProblem;
}

/**
 * Owners of routes first, then collisions, then references, then the rest: each check runs only
 * where the one before finds no error.
 */
function faultsOf(
  chosen: ReadonlyMap<string, AnyResource>,
  declared: ReadonlyMap<string, Declared>,
  further: FurtherCheck,
  assignments: readonly Assignment[],
  listeners: Listeners,
): Fault[] {
  const resources = createResourceSet([...chosen.values()]);
  const keys = new Map(
    [...chosen].map(([key, { kind, metadata }]) => [originFileOf(kind, metadata.namespace, metadata.name), key]),
  );
  const toFaults = (problems: readonly ResourceProblem[]) =>
    problems.flatMap(problem => {
      const key = keys.get(problem.file);
      return key === undefined ? [] : [{ key, problem }];
    });
  const refused = refusedRoutes(
    resources.all.map(resource => claimantOf(resource, declared)),
    assignments,
    listeners,
  );
  if (refused.length > 0) return toFaults(routeProblems(refused));
  const collisions = losersOf(resources, declared, listeners);
  if (collisions.length > 0) return toFaults(collisions);
  // An object that is declared but not in force is reported in other words than one that does not
  // exist.
  const broken = new Set([...declared.keys()].filter(key => !chosen.has(key)));
  const missing = broken.size === 0 ? [] : resources.all.flatMap(resource => needsBroken(resource, broken));
  const references = [
    ...checkReferences(resources, { broken, routesSettled: true, listeners, filesBeside: path => [basename(path)] }),
    ...missing,
  ];
  if (references.some(({ severity }) => severity === 'error')) return toFaults(references);
  return toFaults([...references, ...further(resources)]);
}

function claimantOf(resource: AnyResource, all: ReadonlyMap<string, Declared>): Claimant {
  const { kind, metadata } = resource;
  const declared = all.get(resourceKey(kind, metadata.namespace, metadata.name));
  return { resource, createdAt: declared?.createdAt ?? 0, claimStatus: declared?.claimStatus };
}

/** The younger one of each two that collide; one that lost collides with nothing any more. */
function losersOf(
  resources: ResourceSet,
  declared: ReadonlyMap<string, Declared>,
  listeners: Listeners,
): ResourceProblem[] {
  const collisions = [...collisionsOf(resources.all, listeners), ...topicsOfTwo(resources.all)];
  if (collisions.length === 0) return [];
  const ageOf = ({ kind, metadata }: AnyResource) => {
    const key = resourceKey(kind, metadata.namespace, metadata.name);
    return { at: declared.get(key)?.createdAt ?? 0, key };
  };
  const isYounger = (one: AnyResource, other: AnyResource) => {
    const [a, b] = [ageOf(one), ageOf(other)];
    return a.at === b.at ? a.key > b.key : a.at > b.at;
  };
  const lost = new Set<AnyResource>();
  const problems: ResourceProblem[] = [];
  const pairs = collisions.map(({ one, other, problems: [ofOne, ofOther] }) =>
    isYounger(one, other)
      ? { loser: one, winner: other, problem: ofOne }
      : { loser: other, winner: one, problem: ofOther },
  );
  pairs.sort((a, b) => (a.loser === b.loser ? 0 : isYounger(a.loser, b.loser) ? 1 : -1));
  for (const { loser, winner, problem } of pairs) {
    if (lost.has(winner) && winner !== loser) continue;
    lost.add(loser);
    if (problem) problems.push(problem);
  }
  return problems;
}

function needsBroken(resource: AnyResource, broken: ReadonlySet<string>): ResourceProblem[] {
  return markedValues(resource).flatMap(({ marks, value }) => {
    const { namespace } = resource.metadata;
    if (marks.reference === undefined || typeof value !== 'string') return [];
    if (!broken.has(resourceKey(marks.reference, namespace, value))) return [];
    const message = `The ${marks.reference} "${value}" is there but not valid, and this needs it. See its problems.`;
    return [{ severity: 'error', ...resource.origin, path: '', message }];
  });
}
