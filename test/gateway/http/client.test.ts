// Who the client is: behind proxies that are named the one that they vouch for, and in front of
// everybody else the one that connects.
import assert from 'node:assert/strict';
import { createClientReader } from '../../../gateway/http/client.ts';
import { eventually } from '../../eventually.ts';
import { type Echo, startUpstream } from '../../fakes/echo-upstream.ts';
import { sendRaw } from '../../fakes/raw-http.ts';
import { serveYaml } from '../serve-yaml.ts';

const yaml = (origin: string) => `
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  basePath: /shop
  routes:
    - { match: { path: /orders }, to: { url: "${origin}" } }
    - { match: { path: /limited }, to: { url: "${origin}" }, rateLimit: { rate: 1/h, by: ip } }
`;

/** Header lines of a request from 127.0.0.1, and what the target gets to know. */
interface Row {
  readonly trusted: readonly string[];
  readonly lines: string;
  readonly for: string;
  readonly host?: string;
  readonly proto?: string;
  /** As in `Forwarded` and in the access log. */
  readonly client: string;
}

const OWN = ['127.0.0.1'];
const rows: Record<string, Row> = {
  'no proxy is named: what the client says of itself is dropped': {
    trusted: [],
    lines: 'X-Forwarded-For: 192.0.2.9\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: b.example\r\n',
    for: '127.0.0.1',
    client: '127.0.0.1',
  },
  'another proxy is named': {
    trusted: ['10.0.0.0/8'],
    lines: 'X-Forwarded-For: 192.0.2.9\r\n',
    for: '127.0.0.1',
    client: '127.0.0.1',
  },
  'the proxy tells the client, its host and its scheme': {
    trusted: OWN,
    lines: 'X-Forwarded-For: 192.0.2.9\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: b.example\r\n',
    for: '192.0.2.9, 127.0.0.1',
    host: 'b.example',
    proto: 'https',
    client: '192.0.2.9',
  },
  'the client puts others in front of itself: the proxy’s entry counts': {
    trusted: OWN,
    lines: 'X-Forwarded-For: 198.51.100.1, 192.0.2.9\r\n',
    for: '192.0.2.9, 127.0.0.1',
    client: '192.0.2.9',
  },
  'two fields are one list': {
    trusted: OWN,
    lines: 'X-Forwarded-For: 198.51.100.1\r\nX-Forwarded-For: 192.0.2.9\r\n',
    for: '192.0.2.9, 127.0.0.1',
    client: '192.0.2.9',
  },
  'a chain of proxies, named by network': {
    trusted: ['127.0.0.0/8', '10.0.0.0/8'],
    lines: 'X-Forwarded-For: 192.0.2.9, 10.1.2.3, 10.4.5.6\r\n',
    for: '192.0.2.9, 10.1.2.3, 10.4.5.6, 127.0.0.1',
    client: '192.0.2.9',
  },
  'a proxy in the chain is not named: it is the client': {
    trusted: OWN,
    lines: 'X-Forwarded-For: 192.0.2.9, 10.1.2.3\r\n',
    for: '10.1.2.3, 127.0.0.1',
    client: '10.1.2.3',
  },
  'an IPv6 client': {
    trusted: OWN,
    lines: 'X-Forwarded-For: 2001:db8::7\r\n',
    for: '2001:db8::7, 127.0.0.1',
    client: '2001:db8::7',
  },
  'IPv4 in IPv6 is IPv4': {
    trusted: OWN,
    lines: 'X-Forwarded-For: ::ffff:192.0.2.9\r\n',
    for: '192.0.2.9, 127.0.0.1',
    client: '192.0.2.9',
  },
  'the proxy tells no address': {
    trusted: OWN,
    lines: 'X-Forwarded-For: unknown\r\n',
    for: '127.0.0.1',
    client: '127.0.0.1',
  },
  'a quote in place of an address opens no field of its own': {
    trusted: OWN,
    lines: 'X-Forwarded-For: 192.0.2.9";host=evil\r\nX-Forwarded-Host: a"b.example\r\nX-Forwarded-Proto: gopher\r\n',
    for: '127.0.0.1',
    client: '127.0.0.1',
  },
  'the proxy tells nothing': { trusted: OWN, lines: '', for: '127.0.0.1', client: '127.0.0.1' },
};

describe('the client behind trusted proxies', () => {
  let upstream: Awaited<ReturnType<typeof startUpstream>>;
  before(async () => {
    upstream = await startUpstream();
  });
  after(() => upstream.close());

  for (const [name, { trusted, lines, for: forwarded, host = 'a.example', proto = 'http', client }] of Object.entries(
    rows,
  )) {
    it(`${name}: ${client}`, async () => {
      const listener = await serveYaml(yaml(upstream.origin), { trustedProxies: trusted });
      try {
        const { text } = await sendRaw(
          listener.address,
          `GET /shop/orders HTTP/1.1\r\nHost: a.example\r\nForwarded: for=198.51.100.2\r\n${lines}Connection: close\r\n\r\n`,
        );
        const { rawHeaders }: Echo = JSON.parse(text.slice(text.indexOf('{"method"'), text.lastIndexOf('}') + 1));
        const values = (field: string) => rawHeaders.filter((_, at) => rawHeaders[at - 1]?.toLowerCase() === field);
        assert.deepEqual(values('x-forwarded-for'), [forwarded]);
        assert.deepEqual(values('x-forwarded-host'), [host]);
        assert.deepEqual(values('x-forwarded-proto'), [proto]);
        assert.deepEqual(values('x-forwarded-prefix'), ['/shop']);
        const quoted = client.includes(':') ? `"[${client}]"` : client;
        assert.deepEqual(values('forwarded'), [`for=${quoted};host="${host}";proto=${proto}`]);
        await eventually(() => listener.answered.length === 1, 'the answer is reported');
        assert.equal(listener.answered[0]?.client, client);
      } finally {
        await listener.close();
      }
    });
  }

  it('is what limits by ip count, and none can be made up in front of it', async () => {
    const listener = await serveYaml(yaml(upstream.origin), { trustedProxies: OWN });
    try {
      const ask = async (list: string) =>
        (await fetch(`${listener.address}/shop/limited`, { headers: { 'x-forwarded-for': list } })).status;
      assert.deepEqual(
        [await ask('192.0.2.1'), await ask('192.0.2.2'), await ask('192.0.2.1'), await ask('198.51.100.9, 192.0.2.1')],
        [200, 200, 429, 429],
      );
    } finally {
      await listener.close();
    }
  });

  for (const entry of ['proxy.example', '10.0.0.0/33', '10.0.0.0/', '::/129', '10.0.0.0/x', '']) {
    it(`"${entry}" names no proxy`, () =>
      assert.throws(() => createClientReader([entry]), { code: 'bad-request', message: /10\.0\.0\.0\/8/ }));
  }
});
