// The address that a request comes from, in the form in which clients are counted and told apart.
import { isIPv6 } from 'node:net';
import type { Exchange } from '../exchange/exchange.ts';

/** The peer of the connection, or who a trusted proxy says it speaks for; an IPv4 address inside IPv6 as IPv4. */
export function clientAddress(exchange: Exchange): string {
  return exchange.client.address;
}

/**
 * What counts as one client: an IPv4 address, or the /64 of an IPv6 address, since whoever has one address of it has all of them
 * (RFC 6177).
 */
export function clientNetwork(address: string): string {
  if (!address.includes(':') || !isIPv6(address)) return address;
  const [head = '', tail] = (address.split('%', 1)[0] ?? '').split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length;
  const groups = [...before, ...Array<string>(Math.max(0, zeros)).fill('0'), ...after].slice(0, 4);
  return `${groups.map(group => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}
