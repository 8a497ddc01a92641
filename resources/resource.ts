// One resource after parsing, the set of all of them, and the problems found on the way.
import type { SpecOf } from './kinds/index.ts';
import type { Kind } from './kinds/kind-names.ts';

/** The place at which a resource, or a part of one, was written. Lines and columns count from 1. */
export interface Origin {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Steps from a document to a place in it: names of members and indexes of lists. */
export type Path = readonly (string | number)[];

/**
 * The place of the value at `path`, or with `key` of the name of that member. A value that was not
 * written has the nearest written place. `offset` leads to a character inside a text. Resources
 * that were not read from a file have the place of their origin.
 */
export type Locate = (path: Path, part?: 'key' | 'value', offset?: number) => Origin;

export interface Metadata {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface Resource<K extends Kind = Kind> {
  readonly kind: K;
  readonly metadata: Metadata;
  /**
   * Parsed and with defaults: durations in milliseconds, sizes in bytes, percentages as fractions.
   */
  readonly spec: SpecOf<K>;
  /** The document as written, for people and for the admin API. */
  readonly manifest: unknown;
  readonly origin: Origin;
  readonly locate: Locate;
}

/**
 * A resource that has mistakes of its own. It can never come into force: it has no `spec`. Checks
 * that read the written document still find its other faults. It has no name where the name is
 * wrong.
 */
export interface Draft {
  readonly kind: Kind;
  readonly metadata: Pick<Metadata, 'namespace'> & { readonly name: string | undefined };
  readonly manifest: unknown;
  readonly origin: Origin;
  readonly locate: Locate;
  readonly mistakes: readonly MistakenPlace[];
}

export interface MistakenPlace {
  readonly path: Path;
  /** Whether the name of the member is wrong, not its value. */
  readonly at: 'key' | 'value';
  /** The nearest valid name, for a typo. */
  readonly suggestion?: string;
}

/** Distributes over the kinds, so that narrowing `kind` narrows `spec`. */
export type AnyResource = { [K in Kind]: Resource<K> }[Kind];

export interface ResourceProblem {
  readonly severity: 'error' | 'warning';
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Path inside the document, e.g. `spec.routes[2].to.function`. */
  readonly path: string;
  /** The fault, its place, and the next step: one or two sentences. */
  readonly message: string;
  /** A valid value here, e.g. `a duration such as 30s`. */
  readonly expected?: string;
  /** The nearest valid name, for a typo. */
  readonly suggestion?: string;
  /** The reason of a condition, where it says more than that the resource is not valid. */
  readonly reason?: 'RouteNotAllowed' | 'RouteContested' | 'NotAllowedByListeners' | 'NoMatchingListenerHostname';
}

/**
 * A problem of a resource that compiling finds; `Resource.locate` tells where the value was
 * written.
 */
export interface Finding {
  /** An error refuses the whole candidate. */
  readonly severity: 'error' | 'warning';
  readonly resource: AnyResource;
  readonly path: Path;
  /** The fault, and the next step. */
  readonly message: string;
}

/** One text for kind, namespace and name together. */
export function resourceKey(kind: string, namespace: string, name: string): string {
  return `${kind}/${namespace}/${name}`;
}
