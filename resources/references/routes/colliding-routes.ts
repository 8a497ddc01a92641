// Two routes that could match the same request with equal precedence are an error that names both.
import { clashesBetween } from '../../ownership/clashing-routes.ts';
import { type Listeners, publicAlone } from '../../ownership/listeners.ts';
import type { ResourceProblem } from '../../resource.ts';
import { type Check, problemAt } from '../check.ts';
import type { Declared } from '../declared.ts';
import { type Entry, entriesOf, exclude, sharedShape } from './route-entries.ts';

/**
 * Routes share a listener, whatever resource they are in; those of two namespaces only where one
 * serves both. Which of several matching routes takes a request is decided by, in this order: the
 * host (named, then `*.`, then any), the path segment by segment (literal, then parameter, then
 * `*`), and the number of conditions on headers, query, cookies and consumers (more win). A method
 * does not decide: a route either takes it or not.
 * Two routes collide when all of these are equal, a method of one is a method of the other, they
 * belong to the same version, and no two of their conditions exclude each other.
 */
export const collidingRoutes: Check = context => {
  // Routes of two namespaces that may not meet at all are reported as clashes.
  const clashes = clashesBetween(context);
  const isReported = (one: Declared, other: Declared) =>
    clashes.some(
      ([a, b]) => (a.resource === one && b.resource === other) || (a.resource === other && b.resource === one),
    );
  return collisionsOf(context.declared, context.listeners)
    .filter(({ one, other }) => one.metadata.namespace === other.metadata.namespace || !isReported(one, other))
    .flatMap(({ problems }) => problems);
};

export interface Collision<R extends Declared> {
  readonly one: R;
  readonly other: R;
  /** One for each of the two. */
  readonly problems: readonly ResourceProblem[];
}

export function collisionsOf<R extends Declared>(
  declared: readonly R[],
  listeners: Listeners = publicAlone,
): Collision<R>[] {
  const found: Collision<R>[] = [];
  const seen = new Set<string>();
  for (const group of Map.groupBy(entriesOf(declared), rankOf).values()) {
    for (const [index, one] of group.entries()) {
      for (const other of group.slice(index + 1)) {
        // Routes of several hosts meet once for each.
        const pair = `${one.id} ${other.id}`;
        if (seen.has(pair) || !collide(one, other) || !areServedTogether(one, other, listeners)) continue;
        seen.add(pair);
        const problems = [collision(one, other), collision(other, one)];
        found.push({ one: one.resource, other: other.resource, problems });
      }
    }
  }
  return found;
}

/** Routes of different rank never compete with equal precedence. */
function rankOf(entry: Entry): string {
  const { host, version, conditions } = entry;
  return [host.toLowerCase(), version, sharedShape(entry, [{ letterCase: true, matrix: true }]), conditions.size].join(
    ' ',
  );
}

function collide(one: Entry, other: Entry): boolean {
  if (one.resource === other.resource && (one.fallback || other.fallback)) return false;
  const folds = [one.folds, other.folds];
  return sharedShape(one, folds) === sharedShape(other, folds) && sharedMethod(one, other) && !exclude(one, other);
}

/** Both have the same host. */
function areServedTogether({ host, resource: one }: Entry, { resource: other }: Entry, listeners: Listeners): boolean {
  const [a, b] = [one.metadata.namespace, other.metadata.namespace];
  return a === b || a === undefined || b === undefined || listeners.serveTogether(host.toLowerCase(), a, b);
}

function sharedMethod(one: Entry, other: Entry): boolean {
  return (
    one.methods === undefined ||
    other.methods === undefined ||
    one.methods.some(method => other.methods?.includes(method))
  );
}

function collision(here: Entry, there: Entry): ResourceProblem {
  const { file, line } = there.resource.locate(there.at);
  const { kind, metadata } = there.resource;
  const methods = here.methods?.filter(method => there.methods?.includes(method) ?? true) ??
    there.methods ?? ['any method'];
  const named = metadata.name === undefined ? '' : ` "${metadata.name}"`;
  const message =
    `This route and ${there.path} of the ${kind}${named} (${file}:${line}) match the same requests (${methods.join(', ')}) with ` +
    'equal precedence. Change the path, the method or the conditions of one of the two.';
  return problemAt(here.resource, here.at, { message });
}
