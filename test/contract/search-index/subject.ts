// What the contract of the search index is checked on, and small helpers that its chapters share.
import assert from 'node:assert/strict';
import { TenfoldError } from '../../../core/errors.ts';
import type { SearchQuery } from '../../../drivers/search-index/query.ts';
import type { Fragment, SearchIndex } from '../../../drivers/search-index/search-index.ts';
import type { IndexSettingsInput } from '../../../drivers/search-index/settings.ts';

export interface SearchSubject {
  /** The index, closed and opened again after `reopen`. */
  readonly search: SearchIndex;
  reopen(): Promise<void>;
  /** Lets the index's clock go on by so much, or a little more. */
  pass(ms: number): Promise<void>;
  /** Ends everything and removes what is stored. */
  destroy(): Promise<void>;
}

export interface SearchDriver {
  readonly name: string;
  create(): Promise<SearchSubject>;
}

/** Names are new in every run, since some drivers share one service. */
export const newIndex = (): string => `test-${process.pid}-${Date.now().toString(36)}-${++indexes}`;
let indexes = 0;

export async function rejectsWith(code: string, promise: Promise<unknown>): Promise<void> {
  await assert.rejects(promise, error => {
    assert.ok(error instanceof TenfoldError, String(error));
    assert.equal(error.code, code, error.message);
    return true;
  });
}

/** An index of these documents by id, version 1. */
export async function indexOf(
  search: SearchIndex,
  settings: IndexSettingsInput,
  documents: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
): Promise<string> {
  const name = newIndex();
  await search.ensureIndex(name, settings);
  const changes = Object.entries(documents).map(([id, document]) => ({
    kind: 'put' as const,
    id,
    version: 1,
    document,
  }));
  const outcomes = await search.change(name, changes);
  for (const outcome of outcomes) assert.deepEqual(outcome, { kind: 'written' });
  await search.refresh(name);
  return name;
}

export async function idsOf(search: SearchIndex, name: string, query: SearchQuery): Promise<string[]> {
  const { hits } = await search.search(name, { limit: 100, ...query });
  return hits.map(({ id }) => id);
}

/** Matches in brackets. */
export function marked(fragment: Fragment): string {
  return fragment.map(({ text, isMatch }) => (isMatch ? `[${text}]` : text)).join('');
}
