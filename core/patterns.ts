// Regular expressions on RE2: no backtracking, so that matching takes time proportional to the
// text, whatever the pattern.
import { RE2JS } from 're2js';

/** Longest regular expression. */
const MAX_PATTERN_LENGTH = 1000;

export interface Pattern {
  /** Whether the pattern matches anywhere in `text`. */
  test(text: string): boolean;
  /** Instructions of the compiled program; matching costs at most this many steps a character. */
  readonly size: number;
}

/**
 * Compiles RE2 syntax (https://github.com/google/re2/wiki/Syntax). Throws an `Error` whose message
 * names the fault.
 */
export function compilePattern(source: string): Pattern {
  if (source.length > MAX_PATTERN_LENGTH) {
    throw new Error(`a regular expression may have at most ${MAX_PATTERN_LENGTH} characters`);
  }
  const compiled = RE2JS.compile(source);
  return { size: compiled.programSize(), test: text => compiled.test(text) };
}

/**
 * Compiled patterns by source; forgets the one not used for longest when full. `onCompile` is
 * called before one is compiled.
 */
export function createPatternCache(capacity: number, onCompile: () => void): (source: string) => Pattern {
  const patterns = new Map<string, Pattern>();
  return source => {
    let pattern = patterns.get(source);
    if (pattern) {
      patterns.delete(source);
    } else {
      onCompile();
      pattern = compilePattern(source);
      const [oldest] = patterns.size >= capacity ? patterns.keys() : [];
      if (oldest !== undefined) patterns.delete(oldest);
    }
    patterns.set(source, pattern);
    return pattern;
  };
}
