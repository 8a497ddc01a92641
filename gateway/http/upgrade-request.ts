// Which protocol a request asks to change its connection to (RFC 9110 §7.8).
import type { IncomingMessage } from 'node:http';
import { isRefusedUpgrade } from '../../core/http/upgrade-protocols.ts';

/**
 * As the client spells it. Undefined for a request that is answered as any other: it names several
 * protocols, asks for another HTTP, or has a body. It would be unclear where such a body ends and
 * the other protocol begins.
 */
export function protocolAskedFor({ method, headers }: IncomingMessage): string | undefined {
  const { upgrade, connection = '' } = headers;
  if (upgrade === undefined || !/^[!#$%&'*+.^_`|~0-9A-Za-z/-]+$/.test(upgrade) || isRefusedUpgrade(upgrade))
    return undefined;
  if (
    !connection
      .toLowerCase()
      .split(/[\s,]+/)
      .includes('upgrade')
  )
    return undefined;
  if (headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0') return undefined;
  // RFC 6455 §4.1
  if (upgrade.toLowerCase() === 'websocket' && method !== 'GET') return undefined;
  return upgrade;
}

/** Protocols that connections of a route may change to, in lower case. */
export interface Upgrades {
  has(protocol: string): boolean;
}

/** For who must notice nothing of a gateway in between. */
export const ANY_UPGRADE: Upgrades = { has: () => true };
