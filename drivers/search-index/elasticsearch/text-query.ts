// Turns what somebody typed into a question: what matches as it is meant, and what only resembles
// it, by typos and by sound.
import type { estypes } from '@elastic/elasticsearch';
import type { CheckedQuery } from '../query.ts';
import { soundsOf } from '../text/analyze.ts';
import { editDistance, typosIn } from '../text/edit-distance.ts';
import type { Meant } from '../text/highlight.ts';
import type { TextField } from '../text/plan.ts';
import { SOUND_WEIGHT, STEM_WEIGHT } from '../text/plan.ts';
import { alternativesOf, apart, unitsOf } from '../text/units.ts';
import type { ElasticsearchIndex } from './mapping.ts';

type Query = estypes.QueryDslQueryContainer;

export interface TextQuery {
  /** Undefined: there is nothing to search for. */
  readonly query: Query | undefined;
  readonly meant: Meant;
}

/** How much better what matches as it is meant is than anything that only resembles it. */
const MEANT_SCORE = 1000;
/** The same of what is written almost so, against what only sounds like it. */
const TYPO_SCORE = 100;
const TYPO_WEIGHT = 0.3;
/**
 * Words times fields in which typos are looked for; those after them are taken as they are. Each
 * costs the server some 75 KB while it searches.
 */
const MAX_FUZZY = 128;
/** Fields in which a word is looked for as two. */
const MAX_APART_FIELDS = 4;
/** Words of the index that are tried for one with typos, most alike first. */
const MAX_SIMILAR = 50;

export function toTextQuery(index: ElasticsearchIndex, query: CheckedQuery, fields: readonly TextField[]): TextQuery {
  const words = new Set<string>();
  const sounds = new Set<string>();
  const typed = new Map<string, number>();
  const exact: Query[] = [];
  const typos: Query[] = [];
  const wide: Query[] = [];
  let isWider = false;
  let fuzzy = 0;
  let beginning: string | undefined;
  const { root, plan } = index;
  const units = unitsOf(query, plan.synonyms);
  for (const unit of units) {
    const phrases = [unit.words, ...alternativesOf(unit.words, plan.synonyms)];
    for (const word of phrases.flat()) words.add(word);
    const parts = fields.flatMap(field => phrases.map(phrase => phraseQuery(`${root}.${field.words}`, phrase, field)));
    const [word] = unit.words;
    const written: Query[] = [];
    const heard: Query[] = [];
    if (word !== undefined && !unit.isPhrase && unit.words.length === 1) {
      if (unit.isUnfinished) {
        beginning = word;
        for (const { words, settings } of fields)
          parts.push({ prefix: { [`${root}.${words}`]: { value: word, boost: settings.boost } } });
      }
      for (const { stem, stems, settings } of fields)
        if (stem && stems) parts.push(term(`${root}.${stems}`, stem(word), settings.boost * STEM_WEIGHT));
      const withTypos =
        typosIn(word) === 0 ? [] : fields.filter(({ settings }) => settings.fuzzy).slice(0, MAX_FUZZY - fuzzy);
      fuzzy += withTypos.length;
      if (withTypos.length > 0) typed.set(word, typosIn(word));
      written.push(
        ...withTypos.map(field => fuzzyQuery(`${root}.${field.words}`, word, field.settings.boost * TYPO_WEIGHT)),
        ...apartQueries(root, apart(word, units.length), fields),
      );
      heard.push(...soundQueries(root, word, fields, sounds));
      if (written.length + heard.length > 0) isWider = true;
    }
    exact.push(any(parts));
    typos.push(any([...parts, ...written]));
    wide.push(any([...parts, ...written, ...heard]));
  }
  const meant = { words, beginning, sounds, isSimilar: (word: string) => isSimilar(typed, word) };
  if (exact.length === 0) return { query: undefined, meant };
  const join = (parts: Query[]): Query => (query.words === 'all' ? { bool: { must: parts } } : any(parts));
  if (!isWider) return { query: join(exact), meant };
  const should: Query[] = [
    { constant_score: { filter: join(exact), boost: MEANT_SCORE } },
    { constant_score: { filter: join(typos), boost: TYPO_SCORE } },
  ];
  return { query: { bool: { must: [join(wide)], should } }, meant };
}

function apartQueries(root: string, splits: readonly string[][], fields: readonly TextField[]): Query[] {
  return fields
    .filter(({ settings }) => settings.fuzzy)
    .slice(0, MAX_APART_FIELDS)
    .flatMap(field =>
      splits.map(
        (split): Query => ({
          match_phrase: {
            [`${root}.${field.words}`]: { query: split.join(' '), boost: field.settings.boost * TYPO_WEIGHT },
          },
        }),
      ),
    );
}

function soundQueries(root: string, word: string, fields: readonly TextField[], sounds: Set<string>): Query[] {
  return fields.flatMap(({ sounds: heard, settings }) => {
    if (heard === undefined) return [];
    return soundsOf(word).map(sound => {
      sounds.add(sound);
      return term(`${root}.${heard}`, sound, settings.boost * SOUND_WEIGHT);
    });
  });
}

function fuzzyQuery(path: string, word: string, boost: number): Query {
  return {
    fuzzy: {
      [path]: { value: word, fuzziness: typosIn(word), transpositions: true, max_expansions: MAX_SIMILAR, boost },
    },
  };
}

function phraseQuery(path: string, phrase: readonly string[], { settings: { boost } }: TextField): Query {
  const [word = '', ...others] = phrase;
  if (others.length === 0) return term(path, word, boost);
  return { match_phrase: { [path]: { query: phrase.join(' '), boost } } };
}

function term(path: string, value: string, boost: number): Query {
  return { term: { [path]: { value, boost } } };
}

function any(parts: Query[]): Query {
  return { bool: { should: parts, minimum_should_match: 1 } };
}

function isSimilar(typed: ReadonlyMap<string, number>, word: string): boolean {
  for (const [other, typos] of typed) if (editDistance(other, word, typos) !== undefined) return true;
  return false;
}
