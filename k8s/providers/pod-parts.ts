// Additions to the pods of a Function.

/** Additions to the pods of a Function. */
export interface PodParts {
  readonly env: Readonly<Record<string, string>>;
  readonly volumeMounts: readonly Part[];
  readonly volumes: readonly Part[];
}

export type Part = Readonly<Record<string, unknown>>;
