// Queries of a search index: words, filters, order and page. They are parsed at the edge, so that a
// driver can trust them.
import * as z from 'zod';

const field = z.string().min(1).max(256);
const scalar = z.union([z.string().max(8192), z.number(), z.boolean()]);
const place = z.strictObject({ lat: z.number().min(-90).max(90), lon: z.number().min(-180).max(180) });

export type Scalar = z.output<typeof scalar>;

/** Dates are compared as in documents: RFC 3339, or milliseconds since 1970. */
export type Filter =
  | { readonly all: readonly Filter[] }
  | { readonly any: readonly Filter[] }
  | { readonly not: Filter }
  /** One of a keyword's values, or the value itself. */
  | { readonly field: string; readonly in: readonly Scalar[] }
  /** Inclusive, from either side. */
  | { readonly field: string; readonly from?: Scalar | undefined; readonly to?: Scalar | undefined }
  | { readonly field: string; readonly startsWith: string }
  | { readonly field: string; readonly exists: boolean }
  | { readonly field: string; readonly near: { readonly lat: number; readonly lon: number }; readonly meters: number };

const filter: z.ZodType<Filter> = z.lazy(() =>
  z.union([
    z.strictObject({ all: z.array(filter).max(64) }),
    z.strictObject({ any: z.array(filter).max(64) }),
    z.strictObject({ not: filter }),
    z.strictObject({ field, in: z.array(scalar).min(1).max(256) }),
    z.strictObject({ field, startsWith: z.string().min(1).max(1024) }),
    z.strictObject({ field, exists: z.boolean() }),
    z.strictObject({ field, near: place, meters: z.number().positive() }),
    z.strictObject({ field, from: scalar.optional(), to: scalar.optional() }),
  ]),
);

const order = z.enum(['ascending', 'descending']).default('ascending');

export const searchQuery = z.strictObject({
  /** Words, and "words in this order" between quotes. Without it every document matches. */
  text: z.string().max(1024).default(''),
  /** The text fields that are searched; all when left out. */
  fields: z.array(field).max(128).optional(),
  /** Whether all words must be in the document, or any. */
  words: z.enum(['all', 'any']).default('all'),
  /** The last word may be the beginning of one. */
  unfinished: z.boolean().default(false),
  filter: filter.optional(),
  /**
   * Without it the best match first, or without words by id. Documents without the field come last.
   */
  sort: z
    .array(z.union([z.strictObject({ field, order }), z.strictObject({ field, near: place })]))
    .max(4)
    .default([]),
  limit: z.int().min(1).max(1000).default(10),
  /** `next` of the page before. */
  after: z.string().max(64).optional(),
  /** Text fields of which the places that matched are shown. */
  highlight: z.array(field).max(16).default([]),
  /** Fields of which the values of all matching documents are counted: no text, date or place. */
  facets: z.array(field).max(8).default([]),
});

export type SearchQuery = z.input<typeof searchQuery>;
export type CheckedQuery = z.output<typeof searchQuery>;
export type Sort = CheckedQuery['sort'][number];

/** Results that can be paged through; who wants more narrows the question. */
export const MAX_WINDOW = 10_000;

/** Values that a facet lists. */
export const FACET_VALUES = 50;

export const suggestQuery = z.strictObject({
  /** The text that the user has typed so far. */
  text: z.string().min(1).max(256),
  field,
  limit: z.int().min(1).max(100).default(10),
});

export type SuggestQuery = z.input<typeof suggestQuery>;
