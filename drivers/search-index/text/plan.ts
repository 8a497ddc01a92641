// The tables that the settings of an index need: a column per way that a text field is searched,
// and one per value that is compared.
import { TenfoldError } from '../../../core/errors.ts';
import type { FieldSettings, IndexSettings } from '../settings.ts';
import { soundsOf } from './analyze.ts';
import { remembered } from './remembered.ts';
import { languages, type Stemmer, stemmerOf } from './stemmers.ts';

export interface TextField {
  readonly name: string;
  readonly path: readonly string[];
  readonly settings: Extract<FieldSettings, { type: 'text' }>;
  /** Columns of the full-text table. */
  readonly words: string;
  readonly stems: string | undefined;
  readonly sounds: string | undefined;
  readonly stem: Stemmer | undefined;
  /** How a word sounds; there where `sounds` is. */
  readonly hear: ((word: string) => readonly string[]) | undefined;
  /** Its number in the table of words. */
  readonly number: number;
}

export interface ValueField {
  readonly name: string;
  readonly path: readonly string[];
  readonly type: 'keyword' | 'number' | 'date' | 'boolean' | 'geo';
  /**
   * Columns of the table of documents: the value (of a list the first), or latitude and longitude.
   */
  readonly columns: readonly string[];
  readonly number: number;
}

export interface IndexPlan {
  readonly texts: readonly TextField[];
  readonly values: readonly ValueField[];
  /** Columns of the full-text table and how much a match in each counts. */
  readonly columns: readonly { readonly name: string; readonly weight: number }[];
  readonly synonyms: readonly (readonly string[])[];
}

/** A word form counts less than the word, and what sounds alike less than that. */
export const STEM_WEIGHT = 0.6;
export const SOUND_WEIGHT = 0.2;

export function planOf(settings: IndexSettings): IndexPlan {
  const texts: TextField[] = [];
  const values: ValueField[] = [];
  const columns: { name: string; weight: number }[] = [];
  for (const [number, [name, field]] of Object.entries(settings.fields).entries()) {
    const path = name.split('.');
    if (field.type !== 'text') {
      const columnsOf = field.type === 'geo' ? [`lat${number}`, `lon${number}`] : [`v${number}`];
      values.push({ name, path, type: field.type, columns: columnsOf, number });
      continue;
    }
    const stem = field.language === undefined ? undefined : stemmerOf(field.language);
    if (field.language !== undefined && !stem)
      throw new TenfoldError(
        'unsupported',
        `Field '${name}': word forms of '${field.language}' are not known, only of ${languages.join(', ')}.`,
      );
    const text: TextField = {
      name,
      path,
      settings: field,
      words: `w${number}`,
      stems: stem && `s${number}`,
      sounds: field.phonetic ? `p${number}` : undefined,
      // Made anew for each word they are an eighth of what it costs to index a document.
      stem: stem && remembered(stem),
      hear: field.phonetic ? remembered(soundsOf) : undefined,
      number,
    };
    texts.push(text);
    columns.push({ name: text.words, weight: field.boost });
    if (text.stems) columns.push({ name: text.stems, weight: field.boost * STEM_WEIGHT });
    if (text.sounds) columns.push({ name: text.sounds, weight: field.boost * SOUND_WEIGHT });
  }
  return { texts, values, columns, synonyms: settings.synonyms };
}
