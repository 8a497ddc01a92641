// Decides which network addresses the platform itself may connect to on behalf of a resource (against server-side request forgery).
import { lookup as dnsLookup, type LookupAddress } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { parseNetworks } from '../http/networks.ts';

export interface AddressPolicy {
  /** Whether loopback addresses are allowed, and `own`: yes on a laptop, no in a cluster. */
  readonly allowLoopback: boolean;
  /** Addresses of this machine or pod. */
  readonly own?: readonly string[] | undefined;
  /** Address of the API server of the cluster that this runs in. */
  readonly apiServer?: string | undefined;
  /** Of `own` and `apiServer` those that may be used all the same; addresses and networks. */
  readonly allowed?: readonly string[] | undefined;
}

/** Undefined when the address may be used, else why not. */
export type AddressCheck = (address: string) => string | undefined;

export function createAddressCheck(policy: AddressPolicy): AddressCheck {
  const linkLocal = new BlockList();
  linkLocal.addSubnet('169.254.0.0', 16);
  linkLocal.addSubnet('fe80::', 10, 'ipv6');
  // The metadata addresses of clouds that are not link-local.
  linkLocal.addAddress('fd00:ec2::254', 'ipv6');
  linkLocal.addAddress('100.100.100.200');
  const unusable = new BlockList();
  unusable.addSubnet('0.0.0.0', 8);
  unusable.addSubnet('224.0.0.0', 3);
  unusable.addAddress('::', 'ipv6');
  unusable.addSubnet('ff00::', 8, 'ipv6');
  const loopback = new BlockList();
  loopback.addSubnet('127.0.0.0', 8);
  loopback.addAddress('::1', 'ipv6');

  const own = listOf(policy.own ?? []);
  const apiServer = listOf(policy.apiServer === undefined ? [] : [policy.apiServer]);
  const allowed = parseNetworks(policy.allowed ?? []);

  return address => {
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (linkLocal.check(address, family)) return 'link-local and metadata addresses are not allowed';
    if (unusable.check(address, family)) return 'the address belongs to no single host';
    if (loopback.check(address, family)) return policy.allowLoopback ? undefined : 'loopback addresses are not allowed';
    if (allowed.check(address, family)) return undefined;
    if (!policy.allowLoopback && own.check(address, family)) return `it is an address of the platform itself, ${HINT}`;
    if (apiServer.check(address, family)) return `it is the API server of the cluster, ${HINT}`;
    return undefined;
  };
}

const HINT = 'which no url may lead to unless functions.allowedAddresses says so';

function listOf(addresses: readonly string[]): BlockList {
  const list = new BlockList();
  for (const address of addresses)
    if (isIP(address) !== 0) list.addAddress(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  return list;
}

/** A DNS look-up for sockets that answers with allowed addresses alone, so that a name cannot lead where an address may not. */
export function createCheckedLookup(check: AddressCheck): LookupFunction {
  return (hostname, options, callback) => {
    dnsLookup(hostname, { ...options, all: true }, (error, found: LookupAddress[]) => {
      if (error) return callback(error, '');
      const allowed = found.filter(({ address }) => check(address) === undefined);
      const [first] = allowed;
      if (first === undefined) {
        const reason = check(found[0]?.address ?? '0.0.0.0') ?? 'the name has no address';
        return callback(Object.assign(new Error(`${hostname}: ${reason}`), { code: 'EADDRNOTALLOWED' }), '');
      }
      if (options.all) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}
