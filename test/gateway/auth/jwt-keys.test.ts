// The keys that bearer tokens are checked by: found among several, asked for seldom, from nobody
// but the issuer, and missing.
import assert from 'node:assert/strict';
import { generateKeyPair, SignJWT } from 'jose';
import { startUpstream } from '../../fakes/echo-upstream.ts';
import { guardedShop, now } from './guarded-shop.ts';

describe('keys of auth.jwt', () => {
  const shop = guardedShop();

  it('finds the key of a token without kid among several', async () => {
    await shop.issuer.addKey('second');
    const token = await new SignJWT({ iss: shop.issuer.url, aud: 'shop', sub: 'ada', exp: now() + 60 })
      .setProtectedHeader({ alg: 'ES256' })
      .sign(shop.issuer.keys.get('second')!.privateKey);
    assert.equal((await shop.call(token)).status, 200);
  });

  it('does not hammer the issuer for a flood of unknown kids (56)', async () => {
    await shop.call(await shop.issuer.sign());
    const { privateKey } = await generateKeyPair('ES256');
    const flood = Array.from({ length: 200 }, async (_, index) => {
      const token = await new SignJWT({ iss: shop.issuer.url, aud: 'shop', exp: now() + 60 })
        .setProtectedHeader({ alg: 'ES256', kid: `unknown-${index}` })
        .sign(privateKey);
      return (await shop.call(token)).status;
    });
    assert.deepEqual([...new Set(await Promise.all(flood))], [401]);
    assert.equal(shop.issuer.asked.length, 2);
  });

  it('answers 503 with Retry-After while it has no keys, and asks again later', async () => {
    shop.issuer.failWith = 500;
    const answer = await shop.call(await shop.issuer.sign());
    assert.equal(answer.status, 503);
    assert.equal(answer.headers.get('retry-after'), '1');
    assert.ok(!(await answer.text()).includes(shop.issuer.url));
    assert.equal(shop.served.logged[0]?.level, 'warn');
  });

  it('does not follow a redirect to the keys', async () => {
    const evil = await startUpstream();
    const redirecting = await startUpstream((_, response) => response.writeHead(302, { location: evil.origin }).end());
    await shop.serve(shop.yaml(`      jwksUri: ${redirecting.origin}/keys`));
    assert.equal((await shop.call(await shop.issuer.sign())).status, 503);
    assert.equal(evil.seen.length, 0);
    await redirecting.close();
    await evil.close();
  });

  it('does not take keys from the discovery document of another issuer', async () => {
    const other = await startUpstream((_, response) =>
      response.end(JSON.stringify({ issuer: 'https://other.example', jwks_uri: `${shop.issuer.url}/keys` })),
    );
    await shop.serve(shop.yaml().replace(shop.issuer.url, other.origin));
    assert.equal((await shop.call(await shop.issuer.sign({ iss: other.origin }))).status, 503);
    assert.deepEqual(shop.issuer.asked, []);
    await other.close();
  });
});
