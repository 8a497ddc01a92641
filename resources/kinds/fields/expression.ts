// Marks strings as CEL expressions or as templates with `${…}`; they are compiled
// elsewhere, once, at load.
import * as z from 'zod';
import { splitTemplate } from '../../../core/cel/split-template.ts';
import { type ExpressionResult, type ExpressionScope, withMarks } from './marks.ts';

const MAX_LENGTH = 4096;
const WHOLE = '\\$\\{[\\s\\S]+\\}';

/** One `${…}` and nothing around it. */
export function expression(scope: ExpressionScope, result: ExpressionResult) {
  const wrong = 'This must be an expression inside ${…}, such as "${event.data.id}".';
  const schema = z
    .string(wrong)
    .max(MAX_LENGTH, `An expression has at most ${MAX_LENGTH} characters.`)
    .regex(new RegExp(`^${WHOLE}$`), wrong);
  return withMarks(schema, { expression: { scope, result, form: 'whole' }, typeName: `expression (${result})` });
}

/** Text that may hold `${…}`; the result is a string. */
export function template(scope: ExpressionScope, maxLength = MAX_LENGTH) {
  return withMarks(z.string().max(maxLength), {
    expression: { scope, result: 'string', form: 'template' },
    typeName: 'template',
  });
}

/**
 * The path of a call. Inserted values are encoded, so that they stay inside their segment and only
 * the template's own text can begin the path.
 */
export function pathTemplate(scope: ExpressionScope) {
  const wrong = 'A path must begin with "/", such as "/orders/${params.id}".';
  const unsendable =
    'No request can have this path: it holds a character that must be percent-encoded, or an empty, "." or ".." segment.';
  const schema = z
    .string(wrong)
    .max(MAX_LENGTH)
    .regex(/^\//, wrong)
    .refine(text => !text.startsWith('/') || isSendable(text), unsendable);
  return withMarks(schema, {
    expression: { scope, result: 'string', form: 'template' },
    typeName: 'template of a path',
  });
}

/**
 * Whether the text around the expressions can stand in a request; each value counts as a letter, as
 * all of it is encoded.
 */
function isSendable(text: string): boolean {
  const split = splitTemplate(text);
  // The compiler of expressions reports an unclosed expression.
  if ('open' in split) return true;
  const filled = split.parts.map(part => (part.kind === 'text' ? part.text : 'x')).join('');
  const [path = '', ...query] = filled.split('?');
  return (
    /^([A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*$/.test(path) &&
    !/\/\/|\/(\.|%2e){1,2}(\/|;|$)/i.test(path) &&
    // RFC 3986 restricts queries further; services accept more.
    /^[!-~]*$/.test(query.join('?')) &&
    !query.join('?').includes('#')
  );
}

/** One of `words`, some of which may take a name after a colon (`header:`), or an expression. */
export function wordsOrExpression(scope: ExpressionScope, words: readonly string[], named: readonly string[] = []) {
  const examples = [...words, ...named.map(word => `${word}:name`)].join(', ');
  const wrong = `This must be one of ${examples}, or an expression inside \${…}.`;
  const names = named.map(word => `${word}:[A-Za-z0-9_-]+`);
  const schema = z
    .string(wrong)
    .min(1, wrong)
    .max(MAX_LENGTH, wrong)
    .regex(new RegExp(`^(${[...words, ...names, WHOLE].join('|')})$`), wrong);
  return withMarks(schema, {
    expression: { scope, result: 'string', form: 'words' },
    typeName: `${examples} or expression`,
  });
}
