// The step that lets a request through only when rules over it hold.

import { compileTemplate } from '../../core/cel/template.ts';
import { TenfoldError } from '../../core/errors.ts';
import { scopeOf } from '../../resources/references/scopes.ts';
import type { Exchange } from '../exchange/exchange.ts';
import type { Step } from '../exchange/step.ts';
import type { Challenges } from './challenges.ts';

export function allow(rules: readonly string[], challenges: Challenges): Step | undefined {
  if (rules.length === 0) return undefined;
  const compiled = rules.map(rule => compileTemplate(rule, scopeOf('request'), { expected: 'bool', whole: true }));
  const holds = ({ variables }: Exchange) => {
    try {
      return compiled.every(rule => rule.evaluate(variables) === true);
    } catch {
      // A rule that cannot be evaluated, such as one over a claim that the
      // token has not, does not hold.
      return false;
    }
  };
  return exchange => {
    if (holds(exchange)) return;
    if (exchange.request.claims)
      exchange.response.addFields(...challenges({ error: 'insufficient_scope', reason: 'Not for this caller' }));
    exchange.fail(new TenfoldError('forbidden', 'The rules of this API do not let this caller do this.'));
  };
}
