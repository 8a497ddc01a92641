// The bounds that keep an expression from running long, for any author and any data.

/** Longest source of one expression, in characters. */
export const MAX_SOURCE_LENGTH = 4096;
/** Largest syntax tree of one expression. */
export const MAX_NODES = 500;
/** Deepest nesting of calls, brackets and member accesses. */
export const MAX_EXPRESSION_DEPTH = 48;
/** How deep `map`, `filter`, `all`, `exists` and `exists_one` may stand inside each other. */
export const MAX_LOOP_NESTING = 3;

/**
 * Work that one evaluation may do. One unit is a character or list item that is read, or a syntax
 * node run in a loop. Each costs well under 0.1 µs, so the worst evaluation ends within about 0.2 s
 * (`test/core/cel/hostile-expressions.test.ts`).
 */
export const MAX_UNITS = 1_000_000;
/** A call that consults the time zone database: some 50 µs. */
export const ZONE_UNITS = 1000;
/** A pattern that is not a literal has to be compiled when it is met: up to some ms. */
export const PATTERN_COMPILE_UNITS = 20_000;
/**
 * RE2 steps (characters times instructions of the pattern's program) that
 * weigh as much as one unit.
 */
export const REGEX_STEPS_PER_UNIT = 8;
