// Marks strings as CEL expressions or as templates with `${…}`; they are compiled elsewhere, once, at load.
import * as z from 'zod';
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
