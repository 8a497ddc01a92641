// Answers about the dead letters of a group: a page of them, all of them, or their groups.
import type { LetterGroup } from './letter-index.ts';
import type { LetterPlace } from './letter-table.ts';
import type { LetterSummary } from './read-letter.ts';

export interface LetterPage {
  readonly letters: readonly LetterSummary[];
  /** The value of `after` for the next page. */
  readonly next: string | undefined;
  /** The oldest are not listed when there are too many; there are at least this many. */
  readonly omitted: number;
  /** Letters of a later release, whatever the filter; they are not listed. */
  readonly later: number;
}

/** Dead letters of one cause. */
export interface CountedGroup extends LetterGroup {
  readonly count: number;
  /** When the first and the last of them were given up, milliseconds since 1970. */
  readonly first: number;
  readonly last: number;
  /** The last of them; undefined where it was deleted meanwhile. */
  readonly newest: LetterSummary | undefined;
}

export interface FoundLetters extends Pick<LetterPage, 'omitted' | 'later'> {
  readonly letters: readonly LetterPlace[];
  /** By the number that letters have of theirs. */
  readonly groups: readonly LetterGroup[];
}

export interface LetterGroups extends Pick<LetterPage, 'omitted' | 'later'> {
  /** The group with the most letters comes first. */
  readonly groups: readonly CountedGroup[];
  /** Groups beyond the limit, and their letters. */
  readonly more: { readonly groups: number; readonly letters: number };
}
