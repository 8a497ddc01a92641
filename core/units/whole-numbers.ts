// JSON as expressions read and write it: a whole number that JavaScript would round is a BigInt, so
// that it keeps every digit.
import { isRounded, mayBeRounded } from './exact-json.ts';

declare global {
  interface JSON {
    /** ES2026: `JSON.stringify` writes the result as this text. */
    rawJSON(text: string): unknown;
  }
}

/** As many digits as a number of 128 bits has. The time for longer ones grows with their square. */
const WHOLE = /^-?[0-9]{1,39}$/;

/**
 * A number of data that expressions cannot read, as it is too long. It can be passed on: JSON text
 * has it as it was written.
 */
export class UnreadNumber {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** Infinite where it is too large. */
  toDouble(): number {
    return Number(this.#text);
  }

  toJSON(): unknown {
    return JSON.rawJSON(this.#text);
  }
}

/**
 * As `JSON.parse`, but whole numbers beyond ±2^53 are BigInts, and numbers that are too long an
 * `UnreadNumber`. Throws a SyntaxError.
 */
export function parseExactly(text: string): unknown {
  return mayBeRounded(text) ? JSON.parse(text, keepDigits) : JSON.parse(text);
}

function keepDigits(_name: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  const source = context?.source ?? '';
  if (WHOLE.test(source)) return BigInt(source);
  return isRounded(value, source) ? new UnreadNumber(source) : value;
}

/** As `JSON.stringify` of a value that `parseExactly` or an expression gave. */
export function toExactText(value: unknown, indent?: number): string {
  try {
    return JSON.stringify(value, null, indent);
  } catch (error) {
    // It refuses BigInts. To look for them before would cost every value without any.
    if (!(error instanceof TypeError)) throw error;
    return JSON.stringify(value, withDigits, indent);
  }
}

function withDigits(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? JSON.rawJSON(String(value)) : value;
}

/** The value for others who call `JSON.stringify`: it writes every digit. */
export function toWritable(value: unknown): unknown {
  if (typeof value === 'bigint') return JSON.rawJSON(String(value));
  return mapped(value, toWritable);
}

/**
 * The value as `JSON.parse` gives it, for whoever knows no BigInts, such as a schema. It is the
 * same value where it holds none.
 */
export function toDoubles(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  return value instanceof UnreadNumber ? value.toDouble() : mapped(value, toDoubles);
}

/** With other values inside; the same value where none of them has changed. */
function mapped(value: unknown, to: (value: unknown) => unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  if (value instanceof UnreadNumber) return value;
  const items: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  let changed: unknown[] | undefined;
  for (const [index, item] of items.entries()) {
    const made = typeof item === 'string' ? item : to(item);
    if (made !== item) changed ??= [...items];
    if (changed) changed[index] = made;
  }
  if (changed === undefined || Array.isArray(value)) return changed ?? value;
  return Object.fromEntries(Object.keys(value).map((key, index) => [key, changed[index]]));
}

/** Whether a double stands for this whole number and for no other. */
export function isSafe(value: bigint): boolean {
  return value <= MAX_SAFE && value >= -MAX_SAFE;
}

const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);
