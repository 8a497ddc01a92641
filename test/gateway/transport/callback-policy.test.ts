// Where callbacks may lead, whose addresses strangers name: to public addresses, and to
// what the operator allows.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { parse } from 'yaml';
import { METADATA_IPV4, METADATA_IPV6 } from '../../../core/metadata-addresses.ts';
import { checkNever, createAddressCheck } from '../../../gateway/transport/address-policy.ts';
import { createCallbackCheck } from '../../../gateway/transport/callback-policy.ts';
import { createTransport } from '../../../gateway/transport/create-transport.ts';
import { embeddedIpv4 } from '../../../gateway/transport/embedded-ipv4.ts';
import { startUpstream } from '../../fakes/echo-upstream.ts';

const projectFile = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

const laptop = createAddressCheck({ allowLoopback: true });
const pod = createAddressCheck({ allowLoopback: false, own: ['10.1.2.3'], apiServer: '10.96.0.1' });
const metadata = [
  ...['169.254.169.254', '169.254.170.2', '169.254.170.23', '100.100.100.200', '168.63.129.16', '192.0.0.192'],
  ...['fd00:ec2::254', 'fd00:ec2::23', 'fd20:ce::254', 'fd00:c1::a9fe:a9fe', 'fd00:42::42', 'fe80::a9fe:a9fe'],
];
const inside = [
  ...[
    '127.0.0.1',
    '::1',
    '10.0.0.5',
    '172.16.3.4',
    '192.168.1.1',
    '100.64.0.1',
    '192.0.0.8',
    '192.0.2.1',
    '198.18.0.1',
  ],
  ...['198.51.100.7', '203.0.113.9', '0.0.0.0', '224.0.0.1', '255.255.255.255', '::', 'fc00::1', 'fd12::1', 'fec0::1'],
  ...['ff02::1', '2001:db8::1', '2001::1', '2002:0808:0808::1', '3fff::1', '5f00::1', '64:ff9b:1::808:808', '100::1'],
];
const open = ['93.184.216.34', '8.8.8.8', '2606:2800:220:1::1', '2a00:1450:4001:81b::200e', '64:ff9b::8.8.8.8'];

/** How an address of IPv4 can be written in one of IPv6. */
const forms: Record<string, (hex: string, dotted: string) => string> = {
  mapped: (_, dotted) => `::ffff:${dotted}`,
  compatible: (_, dotted) => `::${dotted}`,
  translated: (_, dotted) => `::ffff:0:${dotted}`,
  NAT64: (_, dotted) => `64:ff9b::${dotted}`,
  'NAT64 of a network of its own': (_, dotted) => `64:ff9b:1::${dotted}`,
  'NAT64 with a prefix of 48 bits': hex => `64:ff9b:1:${hex.slice(0, 4)}:${hex.slice(4, 6)}:${hex.slice(6)}00::`,
  '6to4': hex => `2002:${hex.slice(0, 4)}:${hex.slice(4)}::1`,
  ISATAP: (_, dotted) => `2001:470:1:2:0:5efe:${dotted}`,
};
const hexOf = (dotted: string) =>
  dotted
    .split('.')
    .map(byte => Number(byte).toString(16).padStart(2, '0'))
    .join('');

describe('where callbacks may lead', () => {
  const general = { 'on a laptop': laptop, 'in a pod': pod };
  for (const [where, policy] of Object.entries(general)) {
    const check = createCallbackCheck(policy, checkNever, []);
    it(`${where}: to no address that is not public`, () => {
      for (const address of [...metadata, ...inside]) assert.equal(typeof check(address), 'string', address);
    });
    it(`${where}: to public addresses`, () => {
      for (const address of open) assert.equal(check(address), undefined, address);
    });
    it(`${where}: resources do not lead to metadata either, in any form`, () => {
      for (const address of metadata) {
        assert.equal(typeof policy(address), 'string', address);
        if (address.includes(':')) continue;
        for (const form of Object.values(forms)) assert.equal(typeof policy(form(hexOf(address), address)), 'string');
      }
    });
  }

  it('an address of IPv4 is refused in every form in which one of IPv6 can hold it', () => {
    const check = createCallbackCheck(pod, checkNever, []);
    const first = fc.constantFrom(0, 10, 100, 127, 169, 172, 192, 198, 224, 8, 93);
    const byte = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(first, byte, byte, byte, fc.constantFrom(...Object.keys(forms)), (a, b, c, d, name) => {
        const dotted = [a, b, c, d].join('.');
        const written = forms[name]!(hexOf(dotted), dotted);
        if (dotted === '0.0.0.0' || (name === 'compatible' && a + b + c === 0 && d <= 1)) return;
        assert.ok(embeddedIpv4(written).includes(dotted), `${written} holds ${dotted}`);
        if (check(dotted) !== undefined) assert.equal(typeof check(written), 'string', written);
        if (pod(dotted) !== undefined) assert.equal(typeof pod(written), 'string', written);
      }),
      { numRuns: 2000 },
    );
  });

  it('to what the operator names, by name, address or network, but never to metadata', () => {
    const hosts = ['127.0.0.0/8', 'hooks.shop.svc', '*.partners.example', '169.254.0.0/16'];
    const check = createCallbackCheck(pod, checkNever, hosts);
    const rows: [string, string | undefined, boolean][] = [
      ['127.0.0.1', undefined, true],
      ['10.7.0.1', 'hooks.shop.svc', true],
      ['10.7.0.1', 'Hooks.shop.svc.', true],
      ['10.7.0.1', 'other.shop.svc', false],
      ['10.7.0.1', 'a.partners.example', true],
      ['10.7.0.1', 'a.b.partners.example', false],
      ['10.7.0.1', 'partners.example', false],
      ['10.7.0.1', undefined, false],
      ['10.96.0.1', 'hooks.shop.svc', false],
      ['10.1.2.3', 'hooks.shop.svc', false],
      ['169.254.169.254', 'hooks.shop.svc', false],
      ['169.254.169.254', undefined, false],
    ];
    for (const [address, host, allowed] of rows)
      assert.equal(check(address, host) === undefined, allowed, `${host} at ${address}`);
  });

  it('the address that was checked is the one that is connected to, whatever the name', async () => {
    const upstream = await startUpstream();
    const { port } = new URL(upstream.origin);
    const codeOf = async (hosts: readonly string[]) => {
      const checkAddress = createCallbackCheck(laptop, checkNever, hosts);
      const transport = createTransport({ checkAddress, connectTimeoutMs: 1000 });
      const result = await new Promise<string>(resolve =>
        transport.send(
          { origin: `http://localhost:${port}`, path: '/', method: 'POST', headers: [], body: null },
          {
            onRequestStart() {},
            onResponseStart() {},
            onResponseData() {},
            onResponseEnd: () => resolve('made'),
            onResponseError: (_, error) => resolve('code' in error ? String(error.code) : error.message),
          },
        ),
      );
      await transport.destroy();
      return result;
    };
    try {
      assert.equal(await codeOf([]), 'EADDRNOTALLOWED');
      assert.equal(upstream.seen.length, 0);
      assert.equal(await codeOf(['localhost']), 'made');
      assert.equal(await codeOf(['127.0.0.1', '::1']), 'made');
    } finally {
      await upstream.close();
    }
  });

  it('chart and gateway keep the same networks', () => {
    const { networkPolicy } = parse(projectFile('charts/tenfold/values.yaml'));
    assert.deepEqual(networkPolicy.blockedEgress, METADATA_IPV4);
    const template = projectFile('charts/tenfold/templates/network/network-policies.yaml');
    assert.ok(template.includes(`except: ${JSON.stringify(METADATA_IPV6).replaceAll(',', ', ')}`));
  });
});
