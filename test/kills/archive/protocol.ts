// What the killer and the process that archives say to each other.

export type Order =
  | { readonly kind: 'publish'; readonly ids: readonly string[] }
  | { readonly kind: 'look' }
  /** What is in the files. */
  | { readonly kind: 'collect' };

export type Answer =
  /** `unfinished`: ranges that the process before had decided, and not finished. */
  | { readonly kind: 'ready'; readonly unfinished: number }
  | { readonly kind: 'published'; readonly ids: readonly string[] }
  /** Offsets that are in no file yet. */
  | { readonly kind: 'seen'; readonly behind: number }
  | { readonly kind: 'collected'; readonly files: readonly CollectedFile[] };

export interface CollectedFile {
  readonly key: string;
  readonly noted: boolean;
  readonly ids: readonly string[];
}

export const SOURCE = 'clicks';
export const KEYED = 'clicks.archive';
export const PARTITIONS = 2;
