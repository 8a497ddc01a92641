// Bearer tokens at the public listener, with a real issuer on the other side: who is let in, what
// is forwarded, and where rules refuse.
import assert from 'node:assert/strict';
import type { Echo } from '../../fakes/echo-upstream.ts';
import { guardedShop, now } from './guarded-shop.ts';

describe('auth.jwt', () => {
  const shop = guardedShop();
  const fieldsOf = async (answer: Response) => {
    assert.equal(answer.status, 200);
    const { rawHeaders } = (await answer.json()) as Echo;
    const fields: Record<string, string> = {};
    for (let index = 0; index < rawHeaders.length; index += 2)
      fields[rawHeaders[index]!.toLowerCase()] = rawHeaders[index + 1]!;
    return fields;
  };

  it('lets a good token in, found by discovery, and asks the issuer once for many', async () => {
    const token = await shop.issuer.sign();
    for (let count = 0; count < 5; count++) assert.equal((await shop.call(token)).status, 200);
    assert.equal((await shop.call(await shop.issuer.sign({ sub: 'bob' }))).status, 200);
    assert.deepEqual(shop.issuer.asked, ['/.well-known/openid-configuration', '/keys?of=all']);
  });

  it('forwards claims as headers and drops the same names from outside in every spelling', async () => {
    const token = await shop.issuer.sign({ roles: ['admin', 'cook'], name: 'Zoë' });
    const forged = { 'X-User': 'root', x_user: 'root', X_ROLES: 'root' };
    const fields = await fieldsOf(await shop.call(token, '/orders', forged));
    assert.equal(fields['x-user'], 'ada');
    assert.equal(fields['x-roles'], 'admin,cook');
    assert.equal(Buffer.from(fields['x-name']!, 'latin1').toString(), 'Zoë');
    assert.ok(!JSON.stringify(fields).includes('root'));
  });

  it('drops those names on routes that are open too', async () => {
    const fields = await fieldsOf(await shop.call(undefined, '/open', { 'x-user': 'root', x_roles: 'root' }));
    assert.ok(!JSON.stringify(fields).includes('root'));
  });

  it('forwards no claim that would end the field and begin another', async () => {
    const fields = await fieldsOf(await shop.call(await shop.issuer.sign({ name: 'a\r\nx-admin: true' })));
    assert.equal(fields['x-name'], undefined);
    assert.equal(fields['x-admin'], undefined);
  });

  it('asks for a token with WWW-Authenticate: Bearer, without an error code (RFC 6750 §3.1)', async () => {
    const answer = await shop.call(undefined);
    assert.equal(answer.status, 401);
    assert.equal(answer.headers.get('www-authenticate'), 'Bearer realm="shop"');
    assert.equal(answer.headers.get('content-type'), 'application/problem+json');
  });

  it('refuses another scheme', async () => {
    const answer = await fetch(`${shop.served.address}/orders`, { headers: { authorization: 'Basic YTpi' } });
    assert.equal(answer.status, 401);
    assert.equal(shop.upstream.seen.length, 0);
  });

  it('lets in within the clock skew, and not beyond', async () => {
    assert.equal((await shop.call(await shop.issuer.sign({ exp: now() - 10 }))).status, 200);
    assert.equal((await shop.call(await shop.issuer.sign({ exp: now() - 31 }))).status, 401);
    assert.equal((await shop.call(await shop.issuer.sign({ nbf: now() + 20 }))).status, 200);
  });

  it('takes algorithms from the allow-list alone', async () => {
    await shop.issuer.addKey('ed', 'EdDSA');
    await shop.serve(shop.yaml('      algorithms: [ES256]'));
    assert.equal((await shop.call(await shop.issuer.sign({}, { kid: 'ed' }))).status, 401);
    await shop.serve(shop.yaml('      algorithms: [EdDSA]'));
    assert.equal((await shop.call(await shop.issuer.sign({}, { kid: 'ed' }))).status, 200);
  });

  it('demands claims: 401 for a claim, 403 insufficient_scope for a scope', async () => {
    await shop.serve(shop.yaml('      claims: { tenant: [acme, ajax], scope: orders }'));
    assert.equal((await shop.call(await shop.issuer.sign({ tenant: 'ajax', scope: 'menu orders' }))).status, 200);
    assert.equal((await shop.call(await shop.issuer.sign({ tenant: ['x', 'acme'], scope: 'orders' }))).status, 200);
    assert.equal((await shop.call(await shop.issuer.sign({ tenant: 'other', scope: 'orders' }))).status, 401);
    const answer = await shop.call(await shop.issuer.sign({ tenant: 'acme', scope: 'orders2' }));
    assert.equal(answer.status, 403);
    assert.match(answer.headers.get('www-authenticate') ?? '', /error="insufficient_scope"/);
  });

  it('answers 403 where the rule of a route does not hold, or cannot be evaluated', async () => {
    assert.equal((await shop.call(await shop.issuer.sign({ role: 'admin' }), '/admin')).status, 200);
    assert.equal((await shop.call(await shop.issuer.sign({ role: 'cook' }), '/admin')).status, 403);
    assert.equal((await shop.call(await shop.issuer.sign(), '/admin')).status, 403);
  });

  it('opens a route to everybody with required: false', async () => {
    assert.equal((await shop.call(undefined, '/open')).status, 200);
  });

  it('auth.optional lets nobody in as nobody, and refuses wrong credentials all the same', async () => {
    await shop.serve(shop.yaml('', '    optional: true'));
    assert.equal((await shop.call(undefined)).status, 200);
    assert.equal((await shop.call('abc')).status, 401);
    assert.equal((await shop.call(undefined, '/admin')).status, 403);
  });
});
