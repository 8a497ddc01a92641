// Messages between the serving thread and the threads of a database; requests and replies are
// packed frames that change owner.
import type { Code } from '../../../core/errors.ts';
import type { BackupManifest } from '../backup/backup-manifest.ts';

export interface ThreadData {
  /** `searcher`: a reader for what takes long. */
  readonly role: 'writer' | 'reader' | 'searcher';
  readonly file: string;
}

export type ToThread =
  /** Requests: count, then per request the module's number, its length, its bytes. */
  { readonly type: 'frame'; readonly memory: ArrayBuffer; readonly length: number } | { readonly type: 'close' };

export type FromThread =
  /** Names in the order of the numbers in frames. */
  | { readonly type: 'ready'; readonly modules: readonly string[] }
  | { readonly type: 'failed'; readonly code: Code; readonly message: string }
  /** `OK` and per request its outcome, or `FAILED` and why nothing of the frame has happened. */
  | { readonly type: 'reply'; readonly memory: ArrayBuffer; readonly length: number };

export const OK = 0;
export const FAILED = 1;
/** Number of a module that does not exist: a request that writes nothing but the commit itself. */
export const PROBE = 255;

/** The order to the thread that copies all of it to another folder (copier.ts). */
export interface CopyData {
  readonly role: 'copier';
  readonly file: string;
  /** A folder that is not there yet. */
  readonly to: string;
  /** The folder of objects whose contents are files; undefined where they are elsewhere. */
  readonly blobs: string | undefined;
  /** Of this program. */
  readonly version: string;
  readonly at: number;
  readonly bytesPerSecond: number;
}

export type FromCopier =
  | { readonly type: 'copying'; readonly bytes: number; readonly of: number }
  /** The copy is read and checked, by rows so far. */
  | { readonly type: 'checking'; readonly rows: number }
  | { readonly type: 'copying-objects'; readonly objects: number; readonly bytes: number }
  | { readonly type: 'copied'; readonly manifest: BackupManifest }
  | { readonly type: 'failed'; readonly message: string };
