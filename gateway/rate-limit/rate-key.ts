// What a rate limit counts apart: consumers, networks of clients, the values of an expression, or nothing.
import { hash } from 'node:crypto';
import { compileTemplate } from '../../core/cel/template.ts';
import { scopeOf } from '../../resources/references/scopes.ts';
import type { Exchange } from '../exchange/exchange.ts';
import { clientNetwork } from '../http/client-network.ts';

export type RateKey = (exchange: Exchange) => string;

/** Longer values count by their hash, so that a key has a bound. */
const MAX_LENGTH = 128;

const byNetwork: RateKey = ({ client }) => `ip ${clientNetwork(client.address)}`;

/** The first letters keep a consumer from being called like an address. */
export function createRateKey(by: string): RateKey {
  switch (by) {
    case 'all':
      return () => '';
    case 'ip':
      return byNetwork;
    case 'consumer':
      return exchange =>
        exchange.consumer === undefined ? byNetwork(exchange) : `consumer ${bounded(exchange.consumer)}`;
  }
  const expression = compileTemplate(by, scopeOf('request'), { expected: 'string', whole: true });
  return exchange => {
    try {
      return `value ${bounded(String(expression.evaluate(exchange.variables)))}`;
    } catch {
      // Without the value, such as a header that is not there, it counts like everybody of its network.
      return byNetwork(exchange);
    }
  };
}

function bounded(value: string): string {
  return value.length <= MAX_LENGTH ? value : hash('sha256', value, 'base64url');
}
