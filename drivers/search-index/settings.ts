// How an index's documents are searched: its fields and synonyms. Fixed when the index is made;
// other settings need another index.
import * as z from 'zod';

const name = z.string().min(1).max(256);

const fieldSettings = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('text'),
    /** Finds words that sound alike (English). */
    phonetic: z.boolean().default(false),
    /** Finds words with a typo: one from 4 letters on, two from 8 on. */
    fuzzy: z.boolean().default(false),
    /** Its words are suggested. */
    suggest: z.boolean().default(false),
    /** How much a match here counts against one elsewhere. */
    boost: z.number().positive().max(100).default(1),
    /** For word forms: a code such as `en`. Without it words are compared as they are. */
    language: z.string().max(16).optional(),
  }),
  /** Compared as a whole; may hold a list. */
  z.strictObject({ type: z.literal('keyword') }),
  z.strictObject({ type: z.literal('number') }),
  /** RFC 3339, or milliseconds since 1970. */
  z.strictObject({ type: z.literal('date') }),
  z.strictObject({ type: z.literal('boolean') }),
  /** `{ lat, lon }` in degrees. */
  z.strictObject({ type: z.literal('geo') }),
]);

export const indexSettings = z.strictObject({
  /**
   * By member of the document; a path with dots leads into objects. Members that are not named
   * are kept and not searched.
   */
  fields: z.record(name, fieldSettings).refine(fields => Object.keys(fields).length <= 128, 'at most 128 fields'),
  /** Groups of words, or of sequences of words, that mean the same. */
  synonyms: z
    .array(z.array(z.string().min(1).max(64)).min(2).max(32))
    .max(1000)
    .default([]),
});

export type FieldSettings = z.output<typeof fieldSettings>;
export type IndexSettings = z.output<typeof indexSettings>;
export type IndexSettingsInput = z.input<typeof indexSettings>;
