// The result of a query whose answer became too large, or has more errors than anybody reads.
import type { ExecutionResult, OperationDefinitionNode } from 'graphql';
import { counted } from '../../core/units/counted.ts';
import type { AnswerBudget } from './answer-budget.ts';
import type { Library } from './library.ts';

/** Each says its place and its cause: thousands of them are an answer of their own. */
const MAX_ERRORS = 100;

/** Undefined: as it is. */
export function withinBounds(
  library: Library,
  { refusal }: AnswerBudget,
  operation: OperationDefinitionNode | null | undefined,
  { data, errors = [] }: ExecutionResult,
): ExecutionResult | undefined {
  if (refusal) {
    // The effects of a mutation stay: the answer reports them as far as they fit.
    const own = errors.filter(({ originalError }) => originalError !== refusal).slice(0, MAX_ERRORS);
    return operation?.operation === 'mutation'
      ? { data: data ?? null, errors: [refusal, ...own] }
      : { errors: [refusal] };
  }
  if (errors.length <= MAX_ERRORS) return undefined;
  const left = errors.length - MAX_ERRORS;
  const text = `There ${left === 1 ? 'is' : 'are'} ${counted(left, 'more error')} of fields.`;
  const more = new library.GraphQLError(text);
  return { data: data ?? null, errors: [...errors.slice(0, MAX_ERRORS), more] };
}
