// The port to full-text search: documents that late writes cannot set back, found by
// words, filters and places.
import type { SearchQuery, SuggestQuery } from './query.ts';
import type { IndexSettingsInput } from './settings.ts';

/**
 * When one id is written several times, the highest version wins, whatever the order. A version
 * that is not higher changes nothing.
 */
export type DocumentChange =
  | {
      readonly kind: 'put';
      readonly id: string;
      readonly version: number;
      /** Plain JSON, at most `MAX_DOCUMENT` bytes. */
      readonly document: Readonly<Record<string, unknown>>;
      /** Time to live from now, milliseconds. */
      readonly ttlMs?: number | undefined;
    }
  /** Late writes lose against it for a day at least. */
  | { readonly kind: 'delete'; readonly id: string; readonly version: number };

/**
 * `refused`: a field has a value that does not fit its type; `reason` names it.
 * The others are not affected.
 */
export type ChangeOutcome =
  | { readonly kind: 'written' }
  | { readonly kind: 'outdated' }
  | { readonly kind: 'refused'; readonly reason: string };

/** Parts of a text in order; those that matched are marked. */
export type Fragment = readonly { readonly text: string; readonly isMatch: boolean }[];

export interface Hit {
  readonly id: string;
  readonly version: number;
  /** Higher is better; only to be compared within one answer. */
  readonly score: number;
  readonly document: unknown;
  /** By field, where something matched. */
  readonly highlights: Readonly<Record<string, readonly Fragment[]>>;
}

export interface Facet {
  /** The most frequent `FACET_VALUES`, with the documents that have each; equal ones by value. */
  readonly values: readonly { readonly value: string | number | boolean; readonly count: number }[];
  /** The sum of the counts of all other values. */
  readonly others: number;
}

export interface SearchAnswer {
  readonly hits: readonly Hit[];
  /**
   * When not exact there are at least so many, and the best of those that were looked at are shown.
   */
  readonly total: { readonly count: number; readonly isExact: boolean };
  readonly next: string | undefined;
  /** By field, as asked for. They are exact, or the query is refused with `query-too-large`. */
  readonly facets: Readonly<Record<string, Facet>>;
}

export interface IndexStatus {
  readonly name: string;
  readonly aliases: readonly string[];
}

/**
 * `name` is that of an index or of an alias where something is asked, that of an index where
 * something is written. Errors: `store-unavailable` (nothing is known; the same call may succeed
 * later, and does no harm), `overloaded` (nothing has happened), `not-found`, `conflict`,
 * `invalid-input`, `body-too-large`, `data-corrupt`.
 */
export interface SearchIndex {
  /** No error when it is there with these settings; `conflict` when with others. */
  ensureIndex(name: string, settings: IndexSettingsInput): Promise<void>;
  /** Deletes it with all documents and its aliases; no error when there is none. */
  dropIndex(name: string): Promise<void>;
  /** The indexes whose names begin with `prefix`, at most 1,000. */
  indexes(prefix: string): Promise<readonly IndexStatus[]>;
  /**
   * Points all these aliases in one step; undefined removes one. `not-found` when an index is
   * missing, `conflict` when an index has that name.
   */
  pointAliases(aliases: Readonly<Record<string, string | undefined>>): Promise<void>;
  /**
   * At most `MAX_DOCUMENT_CHANGES`; durable when it resolves, found by searches at the latest after
   * `refresh`. Outcomes in the order given.
   */
  change(index: string, changes: readonly DocumentChange[]): Promise<readonly ChangeOutcome[]>;
  /** Makes searchable what was written before. */
  refresh(index: string): Promise<void>;
  search(name: string, query: SearchQuery): Promise<SearchAnswer>;
  /**
   * Texts that what was typed may become: its last word completed by words of the field, most
   * frequent first, typos forgiven when nothing else fits.
   */
  suggest(name: string, query: SuggestQuery): Promise<readonly string[]>;
  document(name: string, id: string): Promise<{ readonly document: unknown; readonly version: number } | undefined>;
  health(): Promise<{ readonly ok: boolean; readonly reason?: string }>;
  close(): Promise<void>;
}

export const MAX_DOCUMENT = 1024 * 1024;
export const MAX_DOCUMENT_CHANGES = 1000;
