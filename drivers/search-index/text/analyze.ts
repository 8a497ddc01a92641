// Takes text apart into words as they are searched: without case and accents, and reduced to their
// stem or their sound where asked.
import { doubleMetaphone } from 'double-metaphone';

export interface Word {
  /** Folded. */
  readonly word: string;
  /** Its position in the text, UTF-16 units. */
  readonly start: number;
  readonly end: number;
}

/** Longer words are cut. */
const MAX_WORD = 64;
/**
 * Scripts without spaces are taken letter by letter; elsewhere an apostrophe
 * within a word belongs to it.
 */
const WORDS =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]|[\p{L}\p{N}\p{M}]+(?:['’][\p{L}\p{N}\p{M}]+)*/gu;
const SPLIT_LETTERS =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const PLAIN = /^[a-z0-9]+$/;
/** Letters that Unicode does not take apart. */
const LETTERS: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ł: 'l',
  ı: 'i',
};

export function* wordsOf(text: string): Generator<Word> {
  for (const match of text.matchAll(WORDS)) {
    const [found] = match;
    // A run of letters may still hold letters of scripts without spaces.
    if (found.length > 1 && !/^[\x20-\x7e]+$/.test(found) && SPLIT_LETTERS.test(found)) {
      yield* splitRun(found, match.index);
      continue;
    }
    const word = fold(found);
    if (word !== '') yield { word, start: match.index, end: match.index + found.length };
  }
}

function* splitRun(run: string, offset: number): Generator<Word> {
  for (const part of run.matchAll(/[a-z0-9\p{Script=Latin}\p{N}\p{M}]+|./giu)) {
    const word = fold(part[0]);
    if (word !== '') yield { word, start: offset + part.index, end: offset + part.index + part[0].length };
  }
}

export function fold(text: string): string {
  const lower = text.toLowerCase();
  if (PLAIN.test(lower)) return lower.slice(0, MAX_WORD);
  const letters = lower
    .normalize('NFKD')
    .replace(/[\p{M}'’]/gu, '')
    .replace(/[ßæœøđðþłı]/g, letter => LETTERS[letter] ?? letter);
  // Compatibility forms may bring characters that are no letters.
  return letters
    .replace(/[^\p{L}\p{N}]/gu, '')
    .slice(0, MAX_WORD)
    .toWellFormed();
}

/**
 * Codes of how a word is spoken in English, none for what has no such sound or is so short that
 * everything sounds like it.
 */
export function soundsOf(word: string): readonly string[] {
  if (!/^[a-z]{3,}$/.test(word)) return [];
  const [first, second] = doubleMetaphone(word);
  return [...new Set([first, second])].filter(code => code.length >= 2).map(code => code.toLowerCase());
}
