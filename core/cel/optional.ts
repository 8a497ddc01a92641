// Templates over a request: a header, query parameter, cookie, claim or argument that is not there
// means "not set", and one of a wrong form is the caller's mistake.
import { TenfoldError } from '../errors.ts';
import type { Variables } from './expression.ts';
import { EvaluationFailed } from './internal/diagnose.ts';
import { splitTemplate } from './split-template.ts';

interface Evaluable {
  evaluate(variables: Variables): unknown;
}

/**
 * The variables that a client may send or leave out. Answers of parts are not among them: a gap
 * there is a mistake of the part.
 */
const OPTIONAL = new Set(['request', 'params', 'claims', 'consumer', 'args']);

/**
 * The value; undefined when something that it reads of the request is not there. Throws
 * `invalid-input` when what the request holds cannot be worked with, such as letters
 * where a number is needed.
 */
export function evaluateIfSet(template: Evaluable, variables: Variables): unknown {
  try {
    return template.evaluate(variables);
  } catch (error) {
    if (!(error instanceof EvaluationFailed)) throw error;
    const { reads, absent } = error;
    if (reads.length === 0 || !reads.every(name => OPTIONAL.has(name.split('.', 1)[0] ?? ''))) throw error;
    if (absent) return undefined;
    throw new TenfoldError('invalid-input', 'A value of the request has a form that cannot be worked with here.', {
      cause: error,
    });
  }
}

/**
 * `/orders/${params.id}?a=${request.query.a}&b=1` → the path, and `a=${request.query.a}` and `b=1`,
 * as written. Undefined: no query.
 */
export function splitQuery(text: string): { readonly path: string; readonly pairs: readonly string[] | undefined } {
  const split = splitTemplate(text);
  if ('open' in split) return { path: text, pairs: undefined };
  let path = '';
  let pairs: string[] | undefined;
  const add = (written: string) => {
    if (pairs) pairs.push((pairs.pop() ?? '') + written);
    else path += written;
  };
  for (const part of split.parts) {
    if (part.kind === 'expression') {
      add(`\${${part.source}}`);
      continue;
    }
    for (const [written] of part.text.matchAll(/[?&]|[^?&]+/g)) {
      if (written === '?' && !pairs) pairs = [''];
      else if (written === '&' && pairs) pairs.push('');
      else add(written.replaceAll('${', () => '$${'));
    }
  }
  return { path, pairs };
}

/** Members that an evaluation read although they are not there, e.g. `event.data.total`. */
export function absentReads(error: unknown): readonly string[] {
  return error instanceof EvaluationFailed && error.absent ? error.reads : [];
}
