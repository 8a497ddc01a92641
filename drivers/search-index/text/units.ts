// Takes apart what somebody typed: words, words in order between quotes, and words
// that together have synonyms.
import type { CheckedQuery } from '../query.ts';
import { wordsOf } from './analyze.ts';
import type { IndexPlan } from './plan.ts';

interface Unit {
  /** Folded; in this order when there are several. */
  readonly words: readonly string[];
  readonly isPhrase: boolean;
  readonly isUnfinished: boolean;
}

const MAX_UNITS = 32;
/** Letters of a part, and of a word that is taken apart. */
const SHORTEST_PART = 2;
const LONGEST_APART = 24;
/** Letters of a word that may be initials. */
const MOST_INITIALS = 8;
/** In a query of more words, none is taken apart. */
const MAX_APART = 8;

export function unitsOf({ text, unfinished }: CheckedQuery, synonyms: IndexPlan['synonyms']): Unit[] {
  const units: Unit[] = [];
  const pieces = text.split('"');
  for (const [index, piece] of pieces.entries()) {
    const words = [...wordsOf(piece)].map(({ word }) => word);
    // Between a first and a second quotation mark; one that is not closed counts as none.
    if (index % 2 === 1 && index < pieces.length - 1) {
      if (words.length > 0) units.push({ words, isPhrase: true, isUnfinished: false });
      continue;
    }
    for (let at = 0; at < words.length; ) {
      const length = Math.max(
        1,
        ...phrasesOf(synonyms)
          .filter(phrase => startsAt(words, at, phrase))
          .map(phrase => phrase.length),
      );
      units.push({ words: words.slice(at, at + length), isPhrase: false, isUnfinished: false });
      at += length;
    }
  }
  const last = units.at(-1);
  const isOpen = unfinished && last && !last.isPhrase && /[\p{L}\p{N}\p{M}]$/u.test(text);
  if (isOpen && last.words.length === 1) units[units.length - 1] = { ...last, isUnfinished: true };
  return units.slice(0, MAX_UNITS);
}

/**
 * A word as it may have been meant: in two, as `spider man`, or letter by letter, as `E.T.` Only
 * fields that are found with typos use this, since a missing space is a typo.
 */
export function apart(word: string, units: number): string[][] {
  const letters = [...word];
  if (letters.length > LONGEST_APART || units > MAX_APART) return [];
  const splits: string[][] = letters.length > 1 && letters.length <= MOST_INITIALS ? [letters] : [];
  for (let at = SHORTEST_PART; at <= letters.length - SHORTEST_PART; at++)
    splits.push([letters.slice(0, at).join(''), letters.slice(at).join('')]);
  return splits;
}

function phrasesOf(synonyms: IndexPlan['synonyms']): readonly string[][] {
  return synonyms.flat().map(text => [...wordsOf(text)].map(({ word }) => word));
}

export function alternativesOf(words: readonly string[], synonyms: IndexPlan['synonyms']): string[][] {
  const groups = synonyms.map(group => group.map(text => [...wordsOf(text)].map(({ word }) => word)));
  const same = groups.filter(group =>
    group.some(phrase => phrase.length === words.length && startsAt(words, 0, phrase)),
  );
  return same
    .flat()
    .filter(phrase => phrase.length > 0 && !(phrase.length === words.length && startsAt(words, 0, phrase)));
}

function startsAt(words: readonly string[], at: number, phrase: readonly string[]): boolean {
  return phrase.length > 0 && phrase.every((word, index) => words[at + index] === word);
}
