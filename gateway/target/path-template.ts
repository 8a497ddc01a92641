// The path of a call that the platform makes itself: a template whose values can never lead to another place than its text says.

import type { Variables } from '../../core/cel/expression.ts';
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

/** `refuse` is told when the path does not begin with a slash; throws `invalid-expression` when it does not compile. */
export function compilePath(text: string, scope: Scope, refuse: (message: string) => void): PathTemplate {
  if (!text.startsWith('/')) refuse('A path must begin with "/".');
  const { references, constant, evaluate } = compileTemplate(text, scope, {
    expected: 'string',
    encode: value => encodeURIComponent(value.toWellFormed()),
  });
  if (constant) {
    const path = String(evaluate({}));
    return { references, evaluate: () => path };
  }
  const endsWithSlash = /\/(?:\?|$)/.test(text);
  return {
    references,
    evaluate(variables) {
      const path = String(evaluate(variables));
      const mark = path.indexOf('?');
      const place = mark === -1 ? path : path.slice(0, mark);
      // An empty value would name the list instead of one of its items.
      if (SHAPE_CHANGED.test(place) || (place.endsWith('/') && !endsWithSlash)) {
        throw new TenfoldError(
          'invalid-input',
          'A value cannot become a part of the path of a call: it is empty, "." or "..".',
        );
      }
      return path;
    },
  };
}
