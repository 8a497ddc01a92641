// The keys that a rate limit counts apart: consumers, networks of clients, the values of an
// expression, or none.
import { compileTemplate } from '../../core/cel/template.ts';
import { scopeOf } from '../../resources/references/scopes.ts';
import { bounded, networkPartyOf, partyOf } from '../exchange/party.ts';
import type { RequestState } from '../exchange/request-state.ts';

export type RateKey = (request: RequestState) => string;

export function createRateKey(by: string): RateKey {
  switch (by) {
    case 'all':
      return () => '';
    case 'ip':
      return networkPartyOf;
    case 'consumer':
      return partyOf;
  }
  const expression = compileTemplate(by, scopeOf('request'), { expected: 'string', whole: true });
  return request => {
    try {
      return `value ${bounded(String(expression.evaluate(request.targetVariables)))}`;
    } catch {
      // Without the value, such as a header that is not there, it counts like
      // everybody of its network.
      return networkPartyOf(request);
    }
  };
}
