// Addresses, cookies and telltale fields of legacy as the client sees them: nothing says which side
// answered, or where it stands.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { toBase } from '../../../../gateway/strangler/legacy/map-address.ts';
import { mapFields } from '../../../../gateway/strangler/legacy/map-fields.ts';
import { serveTwoSides } from '../two-sides.ts';

const bases = ['http://legacy.internal:8080/app', 'https://old.example'].map(toBase);
const client = { host: 'shop.example', authority: 'shop.example' };

const map = (name: string, value: string, host = client.host): string | undefined => {
  const fields = [name, value];
  mapFields(fields, bases, { ...client, host });
  return fields[1];
};

describe('fields of an answer', () => {
  const rows: { name: string; field: string; value: string; becomes: string | undefined; host?: string }[] = [
    { name: 'a redirect', field: 'Location', value: 'http://legacy.internal:8080/app/a?b#c', becomes: '/a?b#c' },
    { name: 'a redirect to its root', field: 'Location', value: 'http://legacy.internal:8080/app', becomes: '/' },
    { name: 'in any case', field: 'LOCATION', value: 'HTTP://Legacy.Internal:8080/app/x', becomes: '/x' },
    { name: 'with credentials', field: 'location', value: 'http://u:p@legacy.internal:8080/app/x', becomes: '/x' },
    { name: 'outside its path', field: 'location', value: 'http://legacy.internal:8080/other', becomes: '/other' },
    { name: 'a path that only begins alike', field: 'location', value: 'https://old.example/app2', becomes: '/app2' },
    { name: 'another of its addresses', field: 'content-location', value: 'https://old.example/x', becomes: '/x' },
    { name: 'without a scheme', field: 'location', value: '//old.example/x', becomes: '/x' },
    { name: 'with the default port', field: 'location', value: 'https://old.example:443/x', becomes: '/x' },
    { name: 'somebody else', field: 'location', value: 'https://pay.example/x', becomes: 'https://pay.example/x' },
    {
      name: 'a host that only begins alike',
      field: 'location',
      value: 'https://old.example.evil.example/',
      becomes: 'https://old.example.evil.example/',
    },
    { name: 'a relative address', field: 'location', value: '../x', becomes: '../x' },
    { name: 'no address at all', field: 'location', value: 'http://[', becomes: 'http://[' },
    { name: 'a refresh', field: 'refresh', value: '5; url=https://old.example/x', becomes: '5; url=/x' },
    { name: 'a quoted refresh', field: 'refresh', value: '0;URL="https://old.example/x"', becomes: '0;URL="/x"' },
    { name: 'a refresh of the page itself', field: 'refresh', value: '5', becomes: '5' },
    {
      name: 'links',
      field: 'link',
      value: '<https://old.example/2>; rel="next", <https://cdn.example/x>; rel=preload',
      becomes: '</2>; rel="next", <https://cdn.example/x>; rel=preload',
    },
    {
      name: 'a cookie for its own host',
      field: 'set-cookie',
      value: 'sid=1; Domain=legacy.internal; Path=/app/x; HttpOnly',
      becomes: 'sid=1; Path=/x; HttpOnly',
    },
    { name: 'a cookie for its root', field: 'set-cookie', value: 'sid=1; path=/app', becomes: 'sid=1; path=/' },
    { name: 'a cookie for all its hosts', field: 'set-cookie', value: 'a=1; domain=.internal', becomes: 'a=1' },
    {
      name: 'a cookie that covers the client’s host too',
      field: 'set-cookie',
      value: 'a=1; Domain=example',
      becomes: 'a=1; Domain=example',
    },
    {
      name: 'a cookie of somebody else',
      field: 'set-cookie',
      value: 'a=1; Domain=x.org',
      becomes: 'a=1; Domain=x.org',
    },
    {
      name: 'a cookie with an odd value',
      field: 'set-cookie',
      value: 'a="domain=legacy.internal"; Expires=Tue, 24 Nov 2026 00:00:00 GMT',
      becomes: 'a="domain=legacy.internal"; Expires=Tue, 24 Nov 2026 00:00:00 GMT',
    },
    {
      name: 'leave for itself',
      field: 'access-control-allow-origin',
      value: 'https://old.example',
      becomes: undefined,
    },
    { name: 'leave for all', field: 'access-control-allow-origin', value: '*', becomes: '*' },
    { name: 'its software', field: 'Server', value: 'IIS/5.0', becomes: undefined },
    { name: 'its framework', field: 'X-Powered-By', value: 'PHP', becomes: undefined },
    { name: 'everything else', field: 'X-Total', value: 'https://old.example', becomes: 'https://old.example' },
  ];
  for (const { name, field, value, becomes } of rows) {
    it(`${name}: ${value} → ${becomes ?? 'nothing'}`, () => assert.equal(map(field, value), becomes));
  }

  it('mapped once are mapped for good', () => {
    const address = fc.webUrl({ withQueryParameters: true });
    const mine = fc
      .constantFrom('https://old.example/', 'http://legacy.internal:8080/app/')
      .chain(base => fc.webPath().map(path => base + path.replace(/^\/+/, '')));
    fc.assert(
      fc.property(fc.oneof(address, mine), value => {
        const once = map('location', value) ?? '';
        assert.doesNotMatch(once, /^(https?:)?\/\/(old\.example|legacy\.internal)/);
        assert.equal(map('location', once), once);
      }),
    );
  });
});

describe('which side answered', () => {
  it('cannot be told from the answer', async () => {
    const answer =
      (software: string) =>
      (request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse) => {
        response.writeHead(303, {
          date: 'Tue, 24 Nov 2026 00:00:00 GMT',
          server: software,
          'x-powered-by': software,
          location: `http://${request.headers.host}/orders/2`,
          'set-cookie': 'sid=1; Path=/',
          'content-type': 'text/plain',
        });
        response.end('see there');
      };
    const sides = await serveTwoSides({ legacy: answer('old'), fresh: answer('new'), feature: '      phase: legacy' });
    try {
      const read = async () => {
        const { status, headers, text } = await sides.get('/orders/1');
        return { status, headers: [...headers], text };
      };
      const before = await read();
      await sides.feature().control.set('live', undefined, 'test');
      assert.deepEqual(await read(), before);
      assert.equal(before.headers.find(([name]) => name === 'location')?.[1], '/orders/2');
    } finally {
      await sides.close();
    }
  });

  it('cannot be told from its failing', async () => {
    const down = (_request: unknown, response: import('node:http').ServerResponse) => void response.destroy();
    const sides = await serveTwoSides({ legacy: down, fresh: down, feature: '      phase: legacy' });
    try {
      const read = async () => {
        const { status, text } = await sides.get('/orders/1');
        return { status, detail: JSON.parse(text).detail };
      };
      const before = await read();
      await sides.feature().control.set('live', undefined, 'test');
      assert.deepEqual(await read(), before);
      assert.match(before.detail, /^The service behind this route /);
    } finally {
      await sides.close();
    }
  });
});
