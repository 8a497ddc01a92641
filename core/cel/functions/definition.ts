// The form of a function of expressions: how it is called, what it does, and examples that run.
import { EvaluationError } from '@marcbachmann/cel-js';

export interface FunctionDefinition {
  readonly name: string;
  /** CEL types, as in `list<dyn>`. Undefined for functions that are not called on a value. */
  readonly receiver?: string;
  readonly params: readonly CelParam[];
  readonly returns: string;
  /** One sentence for the reference page. */
  readonly says: string;
  /** Each an expression without variables, and the JSON that it gives. */
  readonly examples: readonly (readonly [source: string, value: unknown])[];
  /** Receiver first. Throws what `failed` makes; never shows data. */
  readonly run: (...values: never[]) => unknown;
  /**
   * Why a call with this literal can never work: it stands at its place, and undefined at those of
   * all others.
   */
  readonly refuses?: (literals: readonly unknown[]) => string | undefined;
  /** The rule for the items of a list, where their type is known before evaluation. */
  readonly items?: ItemRule;
  /** The same as a function of its own, with the receiver as its first value. */
  readonly also?: Pick<FunctionDefinition, 'name' | 'examples'>;
  /** Looks at the time zone database that weigh as much as this call does; 1 unless set. */
  readonly zoneLookups?: number;
  /** Whether the work grows with all that is inside the values, and not only with their length. */
  readonly isDeep?: boolean;
}

export interface ItemRule {
  /** CEL types without their arguments, as in `map`. */
  readonly refused: ReadonlySet<string>;
  /** One sentence about what the function takes. */
  readonly says: string;
}

export type CelParam = readonly [name: string, type: string];

export const TIMESTAMP = 'google.protobuf.Timestamp';
export const DURATION = 'google.protobuf.Duration';

/** Why a function cannot work, by the code of its error. */
export const FUNCTION_REASONS = {
  empty_list: 'a list is empty, which has no min(), max() or avg(); test its size() first',
  not_a_number: 'a value is the result of a calculation without an answer, such as 0.0 / 0.0',
  mixed_list: 'a list holds values of types that cannot be added or compared with each other',
  lost_digits: 'a whole number beyond ±2^53 would lose digits here; int(…) of both sides calculates with all of them',
  invalid_format: 'a text for format(…) and its list do not fit each other',
  invalid_digits: 'a number of digits is not between -15 and 15',
  invalid_algorithm: 'hash(…) knows "sha256", "sha384", "sha512", "sha1" and "md5"',
  invalid_base64: 'base64.decode(…) needs text in base64',
  deep_json: 'JSON is nested more than 100 deep',
  invalid_time_zone: 'a time zone is neither a name such as "Europe/Berlin" nor an offset such as "+02:00"',
  invalid_local_time: 'timestamp(text, zone) needs text without an offset, such as "2026-01-31T09:30:00"',
  invalid_unit: 'a unit of time is not one of second, minute, hour, day, week, month, quarter and year',
  invalid_amount: 'add(…) needs a whole number of units',
  beyond_calendar: 'a time is not in the years 1 to 9999',
  invalid_layout: 'a layout of a time has a directive that is not known',
} as const;

export function failed(code: keyof typeof FUNCTION_REASONS): EvaluationError {
  return new EvaluationError({ code, message: FUNCTION_REASONS[code] });
}

/** The error of a number beyond 64 bits. */
export function overflow(): EvaluationError {
  return new EvaluationError({ code: 'numeric_overflow', message: 'a number is too large' });
}

/** The error of a place in a text that is not there. */
export function outOfRange(): EvaluationError {
  return new EvaluationError({ code: 'index_out_of_range', message: 'an index is beyond the end of a text' });
}

/** The error of a text that would be longer than the budget of one evaluation. */
export function tooLong(): EvaluationError {
  return new EvaluationError({ code: 'budget_exceeded', message: 'the evaluation takes too long' });
}

/** Fails for a whole number that a double cannot hold. */
export function exactDouble(value: bigint): number {
  const double = Number(value);
  if (BigInt(double) !== value) throw failed('lost_digits');
  return double;
}
