// The legacy system as one side of a facade: how requests get there, and how its answers
// look like the facade's own.
import type { Exchange } from '../../exchange/exchange.ts';
import type { Target } from '../../exchange/target.ts';
import { openTunnel } from '../../exchange/tunnel.ts';
import { addForwardedFields } from '../../steps/forward.ts';
import { type Base, toBase } from './map-address.ts';
import { mapFields } from './map-fields.ts';

export interface LegacySide {
  readonly target: Target;
  readonly timeoutMs: number;
  readonly bases: readonly Base[];
  send(exchange: Exchange): void;
  /** Hides which side answered, and its address. */
  mapAnswer(exchange: Exchange): void;
}

export interface LegacyOptions {
  readonly url: string;
  readonly origins: readonly string[];
  readonly timeout: number;
  readonly preserveHost: boolean;
}

/** `others`: addresses of the new side, which clients must not see either. */
export function createLegacySide(target: Target, legacy: LegacyOptions, others: readonly string[]): LegacySide {
  const bases = [legacy.url, ...legacy.origins, ...others].map(toBase);
  const mapAnswer = (exchange: Exchange) => {
    exchange.response.addFilter({ filterHead: ({ fields }) => mapFields(fields, bases, exchange.request.head) });
  };
  return {
    target,
    timeoutMs: legacy.timeout,
    bases,
    mapAnswer,
    send(exchange) {
      mapAnswer(exchange);
      addForwardedFields(exchange);
      if (legacy.preserveHost)
        exchange.request.headers.push('host', exchange.request.client.host ?? exchange.request.head.authority);
      if (exchange.request.clientSide) openTunnel(exchange, exchange.request.clientSide, target);
      else target.send(exchange);
    },
  };
}
