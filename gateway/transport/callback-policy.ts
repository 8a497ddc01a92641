// Bounds the addresses of callbacks, which come from requests: public ones, and those that the
// operator allows besides.
import { isIP } from 'node:net';
import { parseNetworks } from '../http/networks.ts';
import type { AddressCheck } from './address-policy.ts';
import { embeddedIpv4 } from './embedded-ipv4.ts';

/** Networks that no public network routes to (IANA's registries of special-purpose addresses). */
const NOT_PUBLIC_IPV4 = parseNetworks([
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24'],
  '224.0.0.0/3',
]);
const GLOBAL_IPV6 = parseNetworks(['2000::/3', '64:ff9b::/96']);
const NOT_PUBLIC_IPV6 = parseNetworks(['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']);

function isPublic(address: string): boolean {
  if (isIP(address) === 4) return !NOT_PUBLIC_IPV4.check(address, 'ipv4');
  if (!GLOBAL_IPV6.check(address, 'ipv6') || NOT_PUBLIC_IPV6.check(address, 'ipv6')) return false;
  return embeddedIpv4(address).every(isPublic);
}

/**
 * Whether `text` may stand in `callbacks.hosts`: a name, one with `*.` in front,
 * an address, or a network.
 */
export function isCallbackHost(text: string): boolean {
  if (isNetwork(text)) {
    try {
      parseNetworks([text]);
      return true;
    } catch {
      return false;
    }
  }
  return /^(\*\.)?[a-z0-9_]([a-z0-9_-]*[a-z0-9])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9])?)*$/.test(text);
}

/**
 * `general` is the policy of resources, which holds for named hosts, too. Networks are the
 * operator's own word for addresses: of the general policy only what leads to nobody and to
 * metadata remains, as `never` says.
 */
export function createCallbackCheck(
  general: AddressCheck,
  never: AddressCheck,
  hosts: readonly string[],
): AddressCheck {
  const networks = parseNetworks(hosts.filter(isNetwork));
  const names = new Set(hosts.filter(host => !isNetwork(host)));
  return (address, host) => {
    const refused = never(address);
    if (refused !== undefined) return refused;
    if (networks.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')) return undefined;
    if (host !== undefined && isNamed(names, host.toLowerCase().replace(/\.$/, ''))) return general(address, host);
    if (!isPublic(address))
      return 'callbacks lead to public addresses, and to others only where callbacks.hosts of the configuration names them';
    return general(address, host);
  };
}

function isNetwork(host: string): boolean {
  return isIP(host.split('/', 1)[0] ?? '') !== 0;
}

function isNamed(names: ReadonlySet<string>, host: string): boolean {
  return names.has(host) || names.has(`*${host.slice(host.indexOf('.'))}`);
}
