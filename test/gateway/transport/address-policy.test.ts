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

  describe('in a pod', () => {
    const own = ['10.1.2.3', 'fd00::3'];
    const pod = createAddressCheck({ allowLoopback: false, own, apiServer: '10.96.0.1' });
    const rows: readonly [address: string, why: RegExp | undefined][] = [
      ['10.1.2.3', /of the platform itself/],
      ['::ffff:10.1.2.3', /of the platform itself/],
      ['fd00::3', /of the platform itself/],
      ['10.96.0.1', /the API server/],
      ['::ffff:10.96.0.1', /the API server/],
      ['10.1.2.4', undefined],
      ['10.96.0.2', undefined],
    ];
    for (const [address, why] of rows) {
      it(`${why ? `refuses ${address}, ${why.source}` : `allows ${address}`}`, () => {
        const said = pod(address);
        if (why) assert.match(said ?? '', why);
        else assert.equal(said, undefined);
      });
    }

    it('allows of these what the configuration does, and nothing else by that', () => {
      const allowed = ['10.96.0.0/16', '169.254.0.0/16', '127.0.0.0/8'];
      const some = createAddressCheck({ allowLoopback: false, own, apiServer: '10.96.0.1', allowed });
      assert.equal(some('10.96.0.1'), undefined);
      for (const address of ['10.1.2.3', '169.254.169.254', '127.0.0.1']) assert.equal(typeof some(address), 'string');
    });

    it('allows its own addresses where loopback is allowed', () => {
      const lenient = createAddressCheck({ allowLoopback: true, own, apiServer: '127.0.0.1' });
      assert.deepEqual([lenient('10.1.2.3'), lenient('127.0.0.1')], [undefined, undefined]);
    });
  });

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
