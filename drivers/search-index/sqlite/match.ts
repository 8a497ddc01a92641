// Turns what somebody typed into questions to the full-text table: first what matches as it is meant, then with typos and by sound.
import type { CheckedQuery } from '../query.ts';
import { soundsOf } from '../text/analyze.ts';
import type { Meant } from '../text/highlight.ts';
import type { IndexPlan, TextField } from '../text/plan.ts';
import { alternativesOf, unitsOf } from '../text/units.ts';
import type { Vocabulary } from './vocabulary.ts';

export interface Match extends Meant {
  /** Words, their forms, synonyms, phrases. Undefined: there is nothing to search for. */
  readonly exact: string | undefined;
  /** All of `exact` and more; undefined: nothing more. */
  readonly wide: string | undefined;
}

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

function columnsOf(fields: readonly TextField[], column: (field: TextField) => string): string {
  return `{${fields.map(column).join(' ')}}`;
}

/** Words are letters and digits only, so nothing in them ends the string. */
function quote(words: readonly string[]): string {
  return `"${words.join(' ')}"`;
}
