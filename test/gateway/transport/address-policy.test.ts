// Which addresses the platform may connect to on behalf of a resource.
import assert from 'node:assert/strict';
import { createAddressCheck } from '../../../gateway/transport/address-policy.ts';
import { createTransport } from '../../../gateway/transport/create-transport.ts';
import { startUpstream } from '../../fakes/echo-upstream.ts';

const laptop = createAddressCheck({ allowLoopback: true });
const cluster = createAddressCheck({ allowLoopback: false });

const never: Record<string, string> = {
  'the metadata address of most clouds': '169.254.169.254',
  'it, mapped into IPv6': '::ffff:169.254.169.254',
  'link-local IPv6': 'fe80::1',
  'a metadata address in IPv6': 'fd00:ec2::254',
  'the metadata address of another cloud': '100.100.100.200',
  'this host on this network': '0.0.0.0',
  'the unspecified IPv6 address': '::',
  multicast: '224.0.0.1',
  broadcast: '255.255.255.255',
};

describe('address policy', () => {
  for (const [name, address] of Object.entries(never)) {
    it(`never allows ${name} (${address})`, () => {
      assert.equal(typeof laptop(address), 'string');
      assert.equal(typeof cluster(address), 'string');
    });
  }
  for (const address of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1']) {
    it(`allows loopback ${address} on a laptop only`, () => {
      assert.equal(laptop(address), undefined);
      assert.equal(typeof cluster(address), 'string');
    });
  }
  for (const address of ['10.0.0.1', '192.168.1.1', '93.184.216.34', '2606:2800:220:1::1']) {
    it(`allows ${address}`, () => assert.equal(cluster(address), undefined));
  }

  for (const host of ['127.0.0.1', 'localhost']) {
    it(`holds for connections to ${host}, by name and by address`, async () => {
      const upstream = await startUpstream();
      const transport = createTransport({ checkAddress: cluster, connectTimeoutMs: 1000 });
      const error = await new Promise<Error & { code?: string }>((resolve, reject) => {
        const origin = upstream.origin.replace('127.0.0.1', host);
        transport.send(
          { origin, path: '/', method: 'GET', headers: [], body: null },
          {
            onRequestStart() {},
            onResponseStart() {},
            onResponseData() {},
            onResponseEnd: () => reject(new Error('the connection was made')),
            onResponseError: (_, error) => resolve(error),
          },
        );
      });
      assert.equal(error.code, 'EADDRNOTALLOWED');
      assert.equal(upstream.seen.length, 0);
      await transport.destroy();
      await upstream.close();
    });
  }
});
