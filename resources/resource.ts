// One resource after parsing, the set of all of them, and the problems found on the way.
import type { Kind, SpecOf } from './kinds/index.ts';

/** Where a resource, or a part of one, was written. Lines and columns count from 1. */
export interface Origin {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Steps from a document to a place in it: names of members and indexes of lists. */
export type Path = readonly (string | number)[];

/**
 * Where the value at `path` was written, or with `key` the name of that member; the nearest place that was written when it was not.
 * `offset` leads to a character inside a text. What was not read from a file is where its origin is.
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
  /** Parsed and with defaults: durations in milliseconds, sizes in bytes, percentages as fractions. */
  readonly spec: SpecOf<K>;
  /** The document as written, for people and for the admin API. */
  readonly manifest: unknown;
  readonly origin: Origin;
  readonly locate: Locate;
}

/**
 * A resource that has mistakes of its own. It can never come into force: it has no `spec`. Checks that read what was written still find
 * what else is wrong with it. It has no name where that is what is wrong.
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
  /** What is wrong, where, and what to do: one or two sentences. */
  readonly message: string;
  /** What would be valid here, e.g. `a duration such as 30s`. */
  readonly expected?: string;
  /** The nearest valid name, for a typo. */
  readonly suggestion?: string;
  /** What a condition gives as its reason, where that says more than that the resource is not valid. */
  readonly reason?: 'RouteNotAllowed' | 'RouteContested';
}

/** What is found wrong with a resource while it is compiled; `Resource.locate` tells where that was written. */
export interface Finding {
  /** An error refuses the whole candidate. */
  readonly severity: 'error' | 'warning';
  readonly resource: AnyResource;
  readonly path: Path;
  /** What is wrong, and what to do. */
  readonly message: string;
}

/** One text for kind, namespace and name together. */
export function resourceKey(kind: string, namespace: string, name: string): string {
  return `${kind}/${namespace}/${name}`;
}
