// The manifest of a back-up.

/** The manifest of a back-up; without this file it is none. */
export interface BackupManifest {
  readonly format: 1;
  /** When the state was that, milliseconds since 1970. */
  readonly at: number;
  readonly version: string;
  /** Number of the last commit in it. */
  readonly commits: number;
  readonly database: { readonly bytes: number; readonly sha256: string };
  readonly objects: number;
  readonly objectBytes: number;
  /** Damage that the original had: it is in the copy as well. */
  readonly problems: readonly string[];
}
