// The content of the stream of changes: the newest state of each thing that a platform knows, by
// name.

/**
 * What is told to a reader who says nothing else. All but `platform` are items of lists of the API.
 */
export const listedSubjects = [
  'platform',
  'resource',
  'function',
  'topic',
  'consumer',
  'view',
  'pipeline',
  'fan-out',
  'operation',
] as const;

/** `story` is that of one event or job, which the reader names. */
export const changeSubjects = [...listedSubjects, 'story'] as const;

export type ListedSubject = (typeof listedSubjects)[number];
export type ChangeSubject = (typeof changeSubjects)[number];

export interface ChangeName {
  readonly what: ChangeSubject;
  /** The kind of a resource, or `Operation` or `Platform`; for a story the kind that it is in. */
  readonly kind: string;
  /** Undefined for the platform, which all callers may see. */
  readonly namespace?: string | undefined;
  /** For a story with the place of the event or the id of the job: `orders/3-17`. */
  readonly name: string;
}

/** The data of an event `changed`. An event `gone` has the name alone. */
export interface Changed<T = unknown> extends ChangeName {
  readonly value: T;
}

/** The value for `platform`. */
export interface PlatformState {
  readonly version: string;
  /** RFC 3339. */
  readonly startedAt: string;
  readonly readiness: { readonly ready: boolean; readonly reasons: readonly string[] };
  /** These could not be asked lately: what was told of them may be old. */
  readonly unknown: readonly ChangeSubject[];
}

/** The data of an event `reset`: the state from before is void, and the whole state follows. */
export interface ChangesReset {
  readonly reason: string;
}

/** The data of an event `synced`: the state of this moment has been told. */
export interface ChangesSynced {
  /** RFC 3339. */
  readonly at: string;
}

/** The data of an event `ended`, the last one. A caller who still may can begin again. */
export interface ChangesEnded {
  readonly code: string;
  readonly message: string;
}
