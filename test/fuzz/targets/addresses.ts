// Addresses: what is refused is refused in every way to write it, and what an IPv6 address
// holds of IPv4 is no way round.
import assert from 'node:assert/strict';
import { isIP, isIPv6 } from 'node:net';
import { createAddressCheck } from '../../../gateway/transport/address-policy.ts';
import { embeddedIpv4 } from '../../../gateway/transport/embedded-ipv4.ts';
import type { FuzzTarget } from '../fuzz-target.ts';

const check = createAddressCheck({ allowLoopback: false, apiServer: '10.96.0.1' });

export const addresses: FuzzTarget = {
  name: 'addresses',
  words: [
    '::',
    ':',
    '.',
    'ffff:',
    '64:ff9b::',
    '2002:',
    '2001:0:',
    '5efe:',
    '127.0.0.1',
    '169.254.169.254',
    '10.96.0.1',
    'a9fe:a9fe',
    'fe80',
    '0',
    '%1',
    'fd00:ec2::254',
  ],
  runs: 20_000,
  run(input) {
    const text = input.toString('latin1');
    if (isIP(text) === 0) return 'none';
    const refused = check(text);
    for (const inside of embeddedIpv4(text)) {
      assert.equal(isIP(inside), 4, inside);
      if (check(inside) !== undefined) assert.ok(refused !== undefined, `${text} leads to ${inside}`);
    }
    if (!isIPv6(text) || text.includes('%')) return String(refused);
    for (const other of spellingsOf(text)) {
      assert.deepEqual(embeddedIpv4(other), embeddedIpv4(text), other);
      assert.equal(check(other), refused, other);
    }
    return `${refused} ${embeddedIpv4(text).length}`;
  },
};

/** Shortest, with all eight numbers, in upper case, and with the last two as IPv4. */
function spellingsOf(text: string): string[] {
  const short = new URL(`http://[${text}]`).hostname.slice(1, -1);
  const [before = '', after] = short.split('::');
  const parts = (side: string) => (side === '' ? [] : side.split(':'));
  const zeros = 8 - parts(before).length - parts(after ?? '').length;
  const full = [...parts(before), ...new Array<string>(zeros).fill('0'), ...parts(after ?? '')].map(part =>
    part.padStart(4, '0'),
  );
  const [high = 0, low = 0] = full.slice(6).map(part => Number.parseInt(part, 16));
  const dotted = `${full.slice(0, 6).join(':')}:${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
  return [short, full.join(':'), full.join(':').toUpperCase(), dotted];
}
