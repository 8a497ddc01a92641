// The keys that a rate limit counts apart: consumers, networks of clients, the values of an
// expression, or none.
import { compileTemplate } from '../../core/cel/template.ts';
import { scopeOf } from '../../resources/references/scopes.ts';
import type { Exchange } from '../exchange/exchange.ts';
import { bounded, networkPartyOf, partyOf } from '../exchange/party.ts';

export type RateKey = (exchange: Exchange) => string;

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
  return exchange => {
    try {
      return `value ${bounded(String(expression.evaluate(exchange.variables)))}`;
    } catch {
      // Without the value, such as a header that is not there, it counts like everybody of its network.
      return networkPartyOf(exchange);
    }
  };
}
