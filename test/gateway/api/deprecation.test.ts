// What clients are told of a route that goes away, and what they get when it is gone.
import assert from 'node:assert/strict';
import { parseItem } from 'structured-headers';
import { startUpstream } from '../../fakes/echo-upstream.ts';
import { serveYaml } from '../serve-yaml.ts';
import { ordersYaml, shopYaml } from './shop-yaml.ts';

describe('deprecation', () => {
  let upstream: Awaited<ReturnType<typeof startUpstream>>;
  before(async () => {
    upstream = await startUpstream();
  });
  after(() => upstream.close());

  const routes = `    - { match: { path: /orders }, to: { function: orders } }
    - { match: { path: /other }, to: { function: orders }, deprecation: { link: 'https://docs.example/other' } }`;
  const ask = async (deprecation: string, path = '/orders') => {
    const yaml = shopYaml(`  deprecation: ${deprecation}`, routes) + ordersYaml;
    const served = await serveYaml(yaml, { functions: { orders: upstream.origin } });
    const answer = await fetch(served.address + path);
    await answer.text();
    await served.close();
    return answer;
  };

  it('sends Deprecation (RFC 9745), Sunset (RFC 8594) and Link', async () => {
    const { status, headers } = await ask(
      "{ since: '2026-01-31', sunset: '2099-12-31T23:59:59Z', link: 'https://docs.example/v2' }",
    );
    assert.equal(status, 200);
    assert.equal(headers.get('deprecation'), `@${Date.UTC(2026, 0, 31) / 1000}`);
    assert.deepEqual(parseItem(headers.get('deprecation') ?? '')[0], new Date('2026-01-31'));
    assert.equal(headers.get('sunset'), 'Thu, 31 Dec 2099 23:59:59 GMT');
    assert.equal(headers.get('link'), '<https://docs.example/v2>; rel="deprecation sunset"');
  });

  it('takes what a route says in place of what the Api says', async () => {
    const { headers } = await ask("{ since: '2026-01-31' }", '/other');
    assert.equal(headers.get('deprecation'), null);
    assert.equal(headers.get('link'), '<https://docs.example/other>; rel="deprecation"');
  });

  it('stops to answer at the sunset: 410, with the link', async () => {
    const before = upstream.seen.length;
    const { status, headers } = await ask("{ sunset: '2026-01-01', link: 'https://docs.example/v2' }");
    assert.equal(status, 410);
    assert.equal(headers.get('link'), '<https://docs.example/v2>; rel="sunset"');
    assert.equal(headers.get('sunset'), 'Thu, 01 Jan 2026 00:00:00 GMT');
    assert.equal(upstream.seen.length, before);
  });
});
