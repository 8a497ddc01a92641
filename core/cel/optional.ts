// Templates over a request whose values may be absent: a header, query parameter, cookie, claim or argument that is not there means "not set".
import type { Variables } from './expression.ts';
import { AbsentMember } from './internal/diagnose.ts';
import { splitTemplate } from './split-template.ts';

interface Evaluable {
  readonly references: readonly string[];
  evaluate(variables: Variables): unknown;
}

/**
 * The members that a client may send or leave out. Answers of parts are not among them: what they
 * lack is a mistake.
 */
const OPTIONAL = new Set(['request', 'params', 'claims', 'consumer', 'args']);

/** The value; undefined when something that it reads of the request is not there. */
export function evaluateIfSet(template: Evaluable, variables: Variables): unknown {
  try {
    return template.evaluate(variables);
  } catch (error) {
    const ofRequest = ({ references }: Evaluable) =>
      references.every(reference => OPTIONAL.has(reference.split('.', 1)[0] ?? ''));
    if (error instanceof AbsentMember && ofRequest(template)) return undefined;
    throw error;
  }
}

/** `/orders/${params.id}?a=${request.query.a}&b=1` → the path, and `a=${request.query.a}` and `b=1`, as written. Undefined: no query. */
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
