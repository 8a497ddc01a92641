// One forged token and one cache trick of each kind through the whole listener (FAULTS.md, 51 to
// 59); all their variants stand in auth/ and cache/.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT } from 'jose';
import { startUpstream } from '../../fakes/echo-upstream.ts';
import { forge, startIssuer, type TestIssuer } from '../auth/test-issuer.ts';
import { openCachedListener } from '../cache/cached-listener.ts';
import { serveYaml } from '../serve-yaml.ts';

const yaml = (origin: string, issuer: string) => `
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  auth: { jwt: { issuer: "${issuer}", audience: [shop] } }
  routes: [{ match: { path: "/*" }, to: { url: "${origin}" } }]
`;

describe('forged tokens at the public listener', () => {
  let issuer: TestIssuer;
  let upstream: Awaited<ReturnType<typeof startUpstream>>;
  let evil: Awaited<ReturnType<typeof startUpstream>>;
  let listener: Awaited<ReturnType<typeof serveYaml>>;
  before(async () => {
    issuer = await startIssuer();
    await issuer.addKey('rsa', 'RS256');
    upstream = await startUpstream();
    evil = await startUpstream();
    listener = await serveYaml(yaml(upstream.origin, issuer.url));
  });
  after(async () => {
    await listener.close();
    await upstream.close();
    await evil.close();
    await issuer.close();
  });

  const claims = () => ({ iss: issuer.url, aud: 'shop', sub: 'eve', exp: Math.floor(Date.now() / 1000) + 60 });
  const signedWith = async (header: Record<string, unknown>) => {
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
    const all = { alg: 'ES256', ...header, ...('jwk' in header ? { jwk: await exportJWK(publicKey) } : {}) };
    return new SignJWT(claims()).setProtectedHeader(all).sign(privateKey);
  };
  const call = async (token: string) =>
    (await fetch(`${listener.address}/orders`, { headers: { authorization: `Bearer ${token}` } })).status;

  const forged: Record<string, () => Promise<string>> = {
    '51 none': async () => forge({ alg: 'none' }, claims()),
    '51 NoNe': async () => forge({ alg: 'NoNe' }, claims()),
    '52 HS256 with the public key': async () => {
      const pem = await exportSPKI(issuer.keys.get('rsa')!.publicKey);
      const sign = (input: string) => createHmac('sha256', pem).update(input).digest('base64url');
      return forge({ alg: 'HS256', kid: 'rsa' }, claims(), sign);
    },
    '53 jwk': () => signedWith({ jwk: {} }),
    '53 jku': () => signedWith({ kid: 'evil', jku: `${evil.origin}/keys` }),
    '53 x5u': () => signedWith({ kid: 'evil', x5u: `${evil.origin}/keys` }),
    '54 kid with a path': () => signedWith({ kid: '../../../../dev/null' }),
    '54 kid with SQL': () => signedWith({ kid: "' OR 1=1 --" }),
    '55 crit': () =>
      new SignJWT(claims())
        .setProtectedHeader({ alg: 'ES256', kid: 'first', crit: ['exp2'], exp2: 1 })
        .sign(issuer.keys.get('first')!.privateKey, { crit: { exp2: true } }),
    '56 a list as issuer': () => issuer.sign({ iss: [issuer.url] as never }),
    '56 an exp that is text': () => issuer.sign({ exp: '9e9' as never }),
    '56 an nbf in the future': () => issuer.sign({ nbf: Math.floor(Date.now() / 1000) + 600 }),
  };
  for (const [name, make] of Object.entries(forged)) {
    it(`${name}: 401, the upstream sees nothing, and nobody is asked for keys`, async () => {
      const seen = upstream.seen.length;
      assert.equal(await call(await make()), 401);
      assert.equal(upstream.seen.length, seen);
      assert.equal(evil.seen.length, 0);
      assert.equal(await call(await issuer.sign()), 200, 'a token of the issuer is let in');
    });
  }
});

describe('tricks on a shared cache', () => {
  const tricks: Record<string, Record<string, string>> = {
    '57 X-Forwarded-Host': { 'x-forwarded-host': 'evil.example' },
    '57 X-Original-URL': { 'x-original-url': '/evil' },
    '57 X-HTTP-Method-Override': { 'x-http-method-override': 'evil' },
    '58 Authorization': { authorization: 'Basic evil' },
    '59 a cookie on /a.css': { cookie: 'sid=evil' },
  };
  for (const [name, headers] of Object.entries(tricks)) {
    it(`${name}: what it is answered is given to nobody else`, async () => {
      const { get, close } = await openCachedListener('ttl: 1m', (request, response) =>
        response.end(JSON.stringify(request.headers)),
      );
      await get('/a.css', headers);
      assert.doesNotMatch((await get('/a.css')).body, /evil/);
      await close();
    });
  }

  it('59 Vary: *: each client gets its own answer', async () => {
    const { get, close } = await openCachedListener('ttl: 1m', (_, response, count) =>
      response.setHeader('vary', '*').end(`answer ${count}`),
    );
    await get();
    assert.equal((await get()).body, 'answer 2');
    await close();
  });
});
