// The results of a comparison of two schemas, and the question that its parts answer.
import type { Known } from './known.ts';
import type { SchemaPlace } from './place.ts';

/**
 * `broken`: there are such events. `unknown`: it cannot be told. `possible`: only events that hold
 * fields which their schema does not name.
 */
export type Certainty = 'broken' | 'unknown' | 'possible';

export interface Mismatch {
  /** The place in the data, such as `lines[].price`; empty for the data itself. */
  readonly field: string;
  readonly certainty: Certainty;
  /** The pointer into the schema that has to accept the data. */
  readonly wide: string;
  /** The pointer into the schema that the data follows. */
  readonly narrow: string;
  /** Goes on after the name of the schema that has to accept the data. */
  readonly demands: string;
  /** Goes on after the name of the data. */
  readonly lacks: string;
}

/** Whether all that `narrow` accepts is accepted by `wide`, and if not, what stands against it. */
export type Compare = (narrow: readonly SchemaPlace[], wide: SchemaPlace, field: string) => readonly Mismatch[];

/** One keyword of `wide` for data of which `narrow` is known. */
export interface Question {
  readonly narrow: Known;
  readonly wide: SchemaPlace;
  readonly field: string;
  readonly compare: Compare;
}

export function mismatch(
  { narrow, wide, field }: Pick<Question, 'narrow' | 'wide' | 'field'>,
  keyword: string,
  demands: string,
  lacks: string,
  certainty: Certainty = 'broken',
): Mismatch {
  const at = Object.hasOwn(wide.schema, keyword) ? `${wide.pointer}/${keyword}` : wide.pointer;
  return { field, certainty, wide: at, narrow: narrow.places[0]?.pointer ?? '', demands, lacks };
}

/** A difference that is beyond what can be compared. */
export function cannotTell(question: Pick<Question, 'narrow' | 'wide' | 'field'>, keyword: string): Mismatch {
  return mismatch(
    question,
    keyword,
    `has ${keyword} here, which cannot be compared unless it is the same in both`,
    'may not match it',
    'unknown',
  );
}

export function memberField(field: string, name: string): string {
  const step = /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? name : `[${JSON.stringify(name)}]`;
  return field === '' || step.startsWith('[') ? `${field}${step}` : `${field}.${step}`;
}
