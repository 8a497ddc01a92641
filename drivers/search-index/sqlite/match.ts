// Turns what somebody typed into questions to the full-text table: first what matches as it is
// meant, then with typos and by sound.
import type { CheckedQuery } from '../query.ts';
import { soundsOf } from '../text/analyze.ts';
import type { Meant } from '../text/highlight.ts';
import type { IndexPlan, TextField } from '../text/plan.ts';
import { alternativesOf, apart, unitsOf } from '../text/units.ts';
import type { Vocabulary } from './vocabulary.ts';

export interface Match extends Meant {
  /**
   * Each finds all that the one before it finds, and more: words, their forms, synonyms and
   * phrases; then with typos; then what sounds alike. None:
   * there is nothing to search for.
   */
  readonly tiers: readonly string[];
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
  const typos: string[] = [];
  const wide: string[] = [];
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
      const written = withTypos(word, fields, vocabulary, words, units.length);
      typos.push(anyOf([...parts, ...written]));
      wide.push(anyOf([...parts, ...written, ...soundingLike(word, fields, sounds)]));
    } else {
      typos.push(anyOf(parts));
      wide.push(anyOf(parts));
    }
    exact.push(anyOf(parts));
  }
  const join = query.words === 'all' ? ' AND ' : ' OR ';
  const tiers = exact.length === 0 ? [] : new Set([exact, typos, wide].map(each => each.join(join)));
  return { tiers: [...tiers], words, beginning, sounds };
}

function anyOf(parts: readonly string[]): string {
  return `(${parts.join(' OR ')})`;
}

/** Words that a word may have been meant as: with other letters, or as two. */
function withTypos(
  word: string,
  fields: readonly TextField[],
  vocabulary: Vocabulary,
  words: Set<string>,
  units: number,
): string[] {
  const fuzzy = fields.filter(({ settings }) => settings.fuzzy);
  if (fuzzy.length === 0) return [];
  const columns = columnsOf(fuzzy, field => field.words);
  const similar = vocabulary.similar(word, MAX_SIMILAR);
  for (const other of similar) words.add(other);
  return [...similar.map(other => [other]), ...apart(word, units)].map(meant => `${columns} : ${quote(meant)}`);
}

function soundingLike(word: string, fields: readonly TextField[], sounds: Set<string>): string[] {
  const spoken = fields.filter(field => field.sounds !== undefined);
  if (spoken.length === 0) return [];
  return soundsOf(word).map(sound => {
    sounds.add(sound);
    return `${columnsOf(spoken, field => field.sounds ?? field.words)} : ${quote([sound])}`;
  });
}

function columnsOf(fields: readonly TextField[], column: (field: TextField) => string): string {
  return `{${fields.map(column).join(' ')}}`;
}

/** Words are letters and digits only, so nothing in them ends the string. */
function quote(words: readonly string[]): string {
  return `"${words.join(' ')}"`;
}
