// The path of a call that the platform makes itself: a template whose values can never lead to
// another place than its text says.

import type { Variables } from '../../core/cel/expression.ts';
import { evaluateIfSet, splitQuery } from '../../core/cel/optional.ts';
import type { Scope } from '../../core/cel/scope.ts';
import { compileTemplate } from '../../core/cel/template.ts';
import { TenfoldError } from '../../core/errors.ts';

export interface PathTemplate {
  readonly references: readonly string[];
  /** Path with query. Throws `invalid-input` when a value would change the shape of the path. */
  evaluate(variables: Variables): string;
}

/** RFC 3986 §5.2.4: what a server may take for a step up or for nothing. */
const SHAPE_CHANGED = /\/(?:\.|%2e){1,2}(?:[/;?]|%3b|$)|\/\//i;

/** `text` begins with a slash. Throws `invalid-expression` when it does not compile. */
export function compilePath(text: string, scope: Scope): PathTemplate {
  const compile = (part: string) =>
    compileTemplate(part, scope, { expected: 'string', encode: value => encodeURIComponent(value.toWellFormed()) });
  // It is compiled as a whole first, so that a fault is reported by its place in it.
  const { references, constant, evaluate } = compile(text);
  if (constant) {
    const path = String(evaluate({}));
    return { references, evaluate: () => path };
  }
  const split = splitQuery(text);
  const place = compile(split.path);
  const pairs = split.pairs?.map(compile);
  const endsWithSlash = /\/(?:\?|$)/.test(text);
  return {
    references,
    evaluate(variables) {
      const path = evaluateIfSet(place, variables) ?? '/..';
      // An empty value would name the list instead of one of its items.
      if (typeof path !== 'string' || SHAPE_CHANGED.test(path) || (path.endsWith('/') && !endsWithSlash)) {
        throw new TenfoldError(
          'invalid-input',
          'A value cannot become a part of the path of a call: it is absent, empty, "." or "..".',
        );
      }
      // A query parameter whose value is absent is left out.
      const set = pairs?.map(pair => evaluateIfSet(pair, variables)).filter(pair => pair !== undefined);
      return set ? `${path}?${set.join('&')}` : path;
    },
  };
}
