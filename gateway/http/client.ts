// Finds the client behind proxies that we trust: the last address that none of them vouches for.
import type { IncomingMessage } from 'node:http';
import { type BlockList, isIP } from 'node:net';
import { parseNetworks } from './networks.ts';
import { peerAddress, unmapped } from './peer-address.ts';

export interface Client {
  /** Address of the client itself. */
  readonly address: string;
  /** `http` or `https`, as the client speaks it. */
  readonly proto: string;
  /** Host that the client asked for, when a trusted proxy says so. */
  readonly host: string | undefined;
  /** Value of X-Forwarded-For for the next hop. */
  readonly forwardedFor: string;
  /** The connection is that of a proxy that is trusted. */
  readonly viaProxy: boolean;
}

export type ClientReader = (request: IncomingMessage) => Client;

const AUTHORITY = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?$/;

/**
 * `trusted`: addresses or networks of proxies, such as `10.0.0.0/8`. Forwarded fields of other
 * peers are not believed.
 */
export function createClientReader(trusted: readonly string[]): ClientReader {
  const list = parseNetworks(trusted);
  return request => {
    const peer = peerAddress(request.socket);
    const own = 'encrypted' in request.socket ? 'https' : 'http';
    if (trusted.length === 0 || !isIn(list, peer)) {
      return { address: peer, proto: own, host: undefined, forwardedFor: peer, viaProxy: false };
    }
    const chain = fieldValues(request.rawHeaders, 'x-forwarded-for')
      .flatMap(value => value.split(','))
      .map(part => unmapped(part.trim()));
    let first = chain.length;
    // From the right: each proxy that is trusted vouches for the address before it.
    while (first > 0 && isIn(list, chain[first - 1] ?? '')) first--;
    const client = chain[first - 1];
    const known = client !== undefined && isIP(client) !== 0;
    const host = fieldValues(request.rawHeaders, 'x-forwarded-host').at(-1);
    return {
      address: known ? client : peer,
      proto: fieldValues(request.rawHeaders, 'x-forwarded-proto').at(-1)?.toLowerCase() === 'https' ? 'https' : own,
      host: host !== undefined && AUTHORITY.test(host) ? host : undefined,
      // Entries left of the client were written by the client.
      forwardedFor: (known ? [...chain.slice(first - 1), peer] : [peer]).join(', '),
      viaProxy: true,
    };
  };
}

function isIn(list: BlockList, address: string): boolean {
  const version = isIP(address);
  return version !== 0 && list.check(address, version === 6 ? 'ipv6' : 'ipv4');
}

function fieldValues(raw: readonly string[], name: string): string[] {
  const values: string[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    if (raw[index]?.toLowerCase() === name) values.push(raw[index + 1] ?? '');
  }
  return values;
}
