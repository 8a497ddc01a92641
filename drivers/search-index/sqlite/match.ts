// Turns what somebody typed into questions to the full-text table: first what matches as it is meant, then with typos and by sound.
import type { CheckedQuery } from '../query.ts';
import { soundsOf, wordsOf } from './analyze.ts';
import type { IndexPlan, TextField } from './plan.ts';
import type { Vocabulary } from './vocabulary.ts';

export interface Match {
  /** Words, their forms, synonyms, phrases. Undefined: there is nothing to search for. */
  readonly exact: string | undefined;
  /** All of `exact` and more; undefined: nothing more. */
  readonly wide: string | undefined;
  /** Folded words that count as a match, for highlights; `beginning`: so do those that begin so. */
  readonly words: ReadonlySet<string>;
  readonly beginning: string | undefined;
  /** Sounds that count as a match. */
  readonly sounds: ReadonlySet<string>;
}

interface Unit {
  readonly words: readonly string[];
  readonly isPhrase: boolean;
  readonly isUnfinished: boolean;
}

const MAX_UNITS = 32;
const MAX_SIMILAR = 12;

export function toMatch(
  plan: IndexPlan,
  query: CheckedQuery,
  fields: readonly TextField[],
  vocabulary: Vocabulary,
): Match {
  const units = unitsOf(query, plan.synonyms);
  const words = new Set<string>();
  const sounds = new Set<string>();
  const exact: string[] = [];
  const wide: string[] = [];
  let isWider = false;
  let beginning: string | undefined;
  for (const unit of units) {
    const meant = [unit.words, ...alternativesOf(unit.words, plan.synonyms)];
    const parts = meant.map(phrase => `${columnsOf(fields, field => field.words)} : ${quote(phrase)}`);
    for (const word of meant.flat()) words.add(word);
    const [word] = unit.words;
    if (word !== undefined && !unit.isPhrase && unit.words.length === 1) {
      if (unit.isUnfinished) {
        parts.push(`${columnsOf(fields, field => field.words)} : ${quote([word])} *`);
        beginning = word;
      }
      for (const { stem, stems } of fields) if (stem && stems) parts.push(`{${stems}} : ${quote([stem(word)])}`);
      const more = loose(word, fields, vocabulary, words, sounds);
      if (more.length > 0) isWider = true;
      wide.push(`(${[...parts, ...more].join(' OR ')})`);
    } else {
      wide.push(`(${parts.join(' OR ')})`);
    }
    exact.push(`(${parts.join(' OR ')})`);
  }
  const join = query.words === 'all' ? ' AND ' : ' OR ';
  const all = exact.length === 0 ? undefined : exact.join(join);
  return { exact: all, wide: isWider ? wide.join(join) : undefined, words, beginning, sounds };
}

/** What a word may have been meant as. */
function loose(
  word: string,
  fields: readonly TextField[],
  vocabulary: Vocabulary,
  words: Set<string>,
  sounds: Set<string>,
): string[] {
  const parts: string[] = [];
  const fuzzy = fields.filter(({ settings }) => settings.fuzzy);
  const similar = fuzzy.length > 0 ? vocabulary.similar(word, MAX_SIMILAR) : [];
  for (const other of similar) {
    parts.push(`${columnsOf(fuzzy, field => field.words)} : ${quote([other])}`);
    words.add(other);
  }
  const spoken = fields.filter(field => field.sounds !== undefined);
  if (spoken.length > 0) {
    for (const sound of soundsOf(word)) {
      parts.push(`${columnsOf(spoken, field => field.sounds ?? field.words)} : ${quote([sound])}`);
      sounds.add(sound);
    }
  }
  return parts;
}

function unitsOf({ text, unfinished }: CheckedQuery, synonyms: IndexPlan['synonyms']): Unit[] {
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

function phrasesOf(synonyms: IndexPlan['synonyms']): readonly string[][] {
  return synonyms.flat().map(text => [...wordsOf(text)].map(({ word }) => word));
}

function alternativesOf(words: readonly string[], synonyms: IndexPlan['synonyms']): string[][] {
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

function columnsOf(fields: readonly TextField[], column: (field: TextField) => string): string {
  return `{${fields.map(column).join(' ')}}`;
}

/** Words are letters and digits only, so nothing in them ends the string. */
function quote(words: readonly string[]): string {
  return `"${words.join(' ')}"`;
}
