// Addresses and networks, as people write them: 10.1.2.3, 10.0.0.0/8, fd00::/8.
import { BlockList, isIP } from 'node:net';
import { TenfoldError } from '../../core/errors.ts';

/** Throws for a text that is neither an address nor a network. */
export function parseNetworks(texts: readonly string[]): BlockList {
  const list = new BlockList();
  for (const entry of texts) {
    const [address = '', bits] = entry.split('/');
    const version = isIP(address);
    const longest = version === 6 ? 128 : 32;
    const prefix = bits === undefined ? longest : Number(bits);
    if (version === 0 || bits === '' || !Number.isInteger(prefix) || prefix < 0 || prefix > longest) {
      throw new TenfoldError('bad-request', `"${entry}" is no address or network, such as 10.0.0.0/8.`);
    }
    list.addSubnet(address, prefix, version === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}
