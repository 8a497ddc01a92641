// Text with `${…}` inside, as written in resources: compiled once, rendered often.
import type { TenfoldError } from '../errors.ts';
import { compileExpression, type Expected, type Expression, type Variables } from './expression.ts';
import { faultOf, invalidExpression, shiftFault } from './fault.ts';
import { quoteSource } from './internal/names.ts';
import type { Scope } from './scope.ts';
import { splitTemplate } from './split-template.ts';

export interface Template {
  /** The text as written. */
  readonly source: string;
  /** CEL type of the result as far as known; `string` when text and expressions are mixed. */
  readonly type: string;
  readonly references: readonly string[];
  /** Whether it has no expression, so that its result is always the same. */
  readonly constant: boolean;
  evaluate(variables: Variables): unknown;
}

export interface TemplateOptions {
  readonly expected?: Expected;
  /**
   * Applied to every value that is put into text, e.g. `encodeURIComponent` for a
   * path. Not to the text around.
   */
  readonly encode?: (value: string) => string;
  /** Refuses anything but one `${expr}` alone. */
  readonly whole?: boolean;
}

/**
 * One `${expr}` alone gives the value of the expression; mixed with text it becomes
 * text; `$${` stands for `${`.
 * Throws `invalid-expression`, with offsets into `text`.
 */
export function compileTemplate(text: string, scope: Scope, options: TemplateOptions = {}): Template {
  const { expected = 'any', encode } = options;
  const split = splitTemplate(text);
  if ('open' in split) {
    const reason = 'The "${" is never closed with "}". Write "$${" for the characters themselves.';
    throw invalidExpression(quoteSource(text), { offset: split.open, length: 2, reason });
  }
  const textAllowed = !options.whole && (expected === 'string' || expected === 'any');
  const [first, ...rest] = split.parts;
  if (rest.length === 0 && first?.kind === 'expression' && !(encode && textAllowed))
    return whole(text, first, scope, expected);
  const expressions = split.parts.some(part => part.kind === 'expression');
  if (!textAllowed) throw needsExpression(text, expected);
  const parts = split.parts.map(part => {
    if (part.kind === 'text') return part.text;
    const expression = compileAt(part, scope, 'string');
    if (!encode) return expression;
    return { ...expression, evaluate: (variables: Variables) => encode(String(expression.evaluate(variables))) };
  });
  const references = [...new Set(parts.flatMap(part => (typeof part === 'string' ? [] : part.references)))];
  return { source: text, type: 'string', references, constant: !expressions, evaluate: concatenation(parts) };
}

function concatenation(parts: readonly (string | Pick<Expression, 'evaluate'>)[]): (variables: Variables) => string {
  return variables => {
    let result = '';
    for (const part of parts) result += typeof part === 'string' ? part : String(part.evaluate(variables));
    return result;
  };
}

function whole(text: string, part: { source: string; offset: number }, scope: Scope, expected: Expected): Template {
  const { type, references, evaluate } = compileAt(part, scope, expected);
  return { source: text, type, references, constant: false, evaluate };
}

function compileAt(part: { source: string; offset: number }, scope: Scope, expected: Expected): Expression {
  try {
    return compileExpression(part.source, scope, expected);
  } catch (error) {
    const fault = faultOf(error);
    throw fault ? shiftFault(quoteSource(part.source), fault, part.offset) : error;
  }
}

function needsExpression(text: string, expected: Expected): TenfoldError {
  const reason = `One expression inside \${…} is needed here, and nothing around it.`;
  return invalidExpression(quoteSource(text), { offset: 0, length: Math.max(1, text.length), reason, expected });
}
