// Decides which network addresses the platform itself may connect to on behalf of a resource
// (against server-side request forgery).
import { lookup as dnsLookup, type LookupAddress } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { METADATA_IPV4, METADATA_IPV6 } from '../../core/metadata-addresses.ts';
import { parseNetworks } from '../http/networks.ts';
import { embeddedIpv4 } from './embedded-ipv4.ts';

export interface AddressPolicy {
  /** Whether loopback addresses are allowed, and `own`: yes on a laptop, no in a cluster. */
  readonly allowLoopback: boolean;
  /** Addresses of this machine or pod. */
  readonly own?: readonly string[] | undefined;
  /** Address of the API server of the cluster that this runs in. */
  readonly apiServer?: string | undefined;
  /** Addresses and networks of `own` and `apiServer` that may be used all the same. */
  readonly allowed?: readonly string[] | undefined;
}

/**
 * Undefined when the address may be used, else why not. `host`: by which name it was
 * found, where it was by one.
 */
export type AddressCheck = (address: string, host?: string) => string | undefined;

const METADATA = parseNetworks([...METADATA_IPV4, ...METADATA_IPV6]);
const UNUSABLE = parseNetworks(['0.0.0.0/8', '224.0.0.0/3', '::/128', 'ff00::/8']);
const LOOPBACK = parseNetworks(['127.0.0.0/8', '::1/128']);

/** Networks that no setting allows. */
export const checkNever: AddressCheck = address => {
  if (METADATA.check(address, familyOf(address))) return 'link-local and metadata addresses are not allowed';
  if (UNUSABLE.check(address, familyOf(address))) return 'the address belongs to no single host';
  for (const inside of embeddedIpv4(address)) {
    const refused = checkNever(inside);
    if (refused !== undefined) return refused;
  }
  return undefined;
};

export function createAddressCheck(policy: AddressPolicy): AddressCheck {
  const own = listOf(policy.own ?? []);
  const apiServer = listOf(policy.apiServer === undefined ? [] : [policy.apiServer]);
  const allowed = parseNetworks(policy.allowed ?? []);

  const check: AddressCheck = address => {
    const never = checkNever(address);
    if (never !== undefined) return never;
    const family = familyOf(address);
    if (LOOPBACK.check(address, family)) return policy.allowLoopback ? undefined : 'loopback addresses are not allowed';
    if (allowed.check(address, family)) return undefined;
    if (!policy.allowLoopback && own.check(address, family)) return `it is an address of the platform itself, ${HINT}`;
    if (apiServer.check(address, family)) return `it is the API server of the cluster, ${HINT}`;
    // An address in IPv6 that leads to one in IPv4 is no way round what holds for that.
    for (const inside of embeddedIpv4(address)) {
      const refused = check(inside);
      if (refused !== undefined) return refused;
    }
    return undefined;
  };
  return check;
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}

const HINT = 'which no url may lead to unless functions.allowedAddresses says so';

function listOf(addresses: readonly string[]): BlockList {
  const list = new BlockList();
  for (const address of addresses)
    if (isIP(address) !== 0) list.addAddress(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  return list;
}

/**
 * A DNS look-up for sockets that answers with allowed addresses alone, so that a name cannot lead
 * where an address may not.
 */
export function createCheckedLookup(check: AddressCheck): LookupFunction {
  return (hostname, options, callback) => {
    dnsLookup(hostname, { ...options, all: true }, (error, found: LookupAddress[]) => {
      if (error) return callback(error, '');
      const allowed = found.filter(({ address }) => check(address, hostname) === undefined);
      const [first] = allowed;
      if (first === undefined) {
        const reason = check(found[0]?.address ?? '0.0.0.0', hostname) ?? 'the name has no address';
        return callback(Object.assign(new Error(`${hostname}: ${reason}`), { code: 'EADDRNOTALLOWED' }), '');
      }
      if (options.all) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}
