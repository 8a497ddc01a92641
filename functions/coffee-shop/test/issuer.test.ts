// The login of this machine: its tokens can be checked with the key that it shows.
import assert from 'node:assert/strict';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { type Issuer, startIssuer } from '../issuer.ts';

describe('issuer', () => {
  let issuer: Issuer;
  before(async () => {
    issuer = await startIssuer(0);
  });
  after(() => issuer.close());

  const check = (token: string) =>
    jwtVerify(token, createRemoteJWKSet(new URL(`${issuer.url}/jwks.json`)), {
      issuer: issuer.url,
      audience: 'coffee-shop',
      algorithms: ['ES256'],
    });

  it('signs what it is asked for', async () => {
    const { payload } = await check(await issuer.sign({ sub: 'grace', role: 'barista' }));
    assert.partialDeepStrictEqual(payload, { sub: 'grace', role: 'barista' });
  });

  it('signs over HTTP, too, for people with curl', async () => {
    const answer = await fetch(`${issuer.url}/token?sub=barbara&role=manager`);
    const { payload } = await check(await answer.text());
    assert.partialDeepStrictEqual(payload, { sub: 'barbara', role: 'manager' });
  });

  it('makes tokens that have run out, for those who want to see them refused', async () => {
    await assert.rejects(check(await issuer.sign({ sub: 'grace', role: 'barista', ttl: -60 })), /"exp"/);
  });

  for (const path of ['/', '//', '/token/x', '/%']) {
    it(`has nothing at ${path}`, async () => assert.equal((await fetch(issuer.url + path)).status, 404));
  }
});
