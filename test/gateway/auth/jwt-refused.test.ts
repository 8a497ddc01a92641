// Bearer tokens that are forged, old or of others at the public listener: refused, with the
// reason and without the token.
import assert from 'node:assert/strict';
import { createHmac, createSign, KeyObject } from 'node:crypto';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT } from 'jose';
import { startUpstream } from '../../fakes/echo-upstream.ts';
import { guardedShop, now } from './guarded-shop.ts';
import { forge } from './test-issuer.ts';

describe('auth.jwt', () => {
  const shop = guardedShop();

  describe('refuses', () => {
    const rows: Record<string, () => Promise<string>> = {
      'alg none (51)': async () =>
        forge({ alg: 'none' }, { iss: shop.issuer.url, aud: 'shop', sub: 'x', exp: now() + 60 }),
      'alg NoNe (51)': async () =>
        forge({ alg: 'NoNe' }, { iss: shop.issuer.url, aud: 'shop', sub: 'x', exp: now() + 60 }),
      'HS256 with the public key as secret (52)': async () => {
        const pair = await shop.issuer.addKey('rsa', 'RS256');
        const pem = await exportSPKI(pair.publicKey);
        const payload = { iss: shop.issuer.url, aud: 'shop', sub: 'x', exp: now() + 60 };
        return forge({ alg: 'HS256', kid: 'rsa' }, payload, input =>
          createHmac('sha256', pem).update(input).digest('base64url'),
        );
      },
      'a key that the token brings itself, jwk (53)': async () => {
        const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
        return new SignJWT({ iss: shop.issuer.url, aud: 'shop', exp: now() + 60 })
          .setProtectedHeader({ alg: 'RS256', jwk: await exportJWK(publicKey) })
          .sign(privateKey);
      },
      'a kid that is a path (54)': () => signedAs({ kid: '../../../../dev/null' }),
      'a kid that is SQL (54)': () => signedAs({ kid: "' UNION SELECT 'key" }),
      'a kid that is no text (54)': () => signedAs({ kid: { $ne: 1 } }),
      'a critical extension that nobody knows (55)': () => signedAs({ crit: ['exp2'], exp2: 1 }),
      'an unencoded payload, b64 false (55)': () => signedAs({ crit: ['b64'], b64: false }),
      'an audience of another (56)': () => shop.issuer.sign({ aud: ['someone', 'else'] }),
      'no audience (56)': () => shop.issuer.sign({ aud: undefined as never }),
      'a list as issuer (56)': () => shop.issuer.sign({ iss: [shop.issuer.url] as never }),
      'an issuer of another (56)': () => shop.issuer.sign({ iss: 'https://evil.example' }),
      'an exp that is text (56)': () => shop.issuer.sign({ exp: '9e9' as never }),
      'no exp': () => shop.issuer.sign({ exp: undefined as never }),
      'an nbf in the future (56)': () => shop.issuer.sign({ nbf: now() + 600 }),
      'a token that has expired': () => shop.issuer.sign({ exp: now() - 60 }),
      'a changed payload': async () => {
        const [header, , signature] = (await shop.issuer.sign()).split('.');
        const payload = Buffer.from(
          JSON.stringify({ iss: shop.issuer.url, aud: 'shop', sub: 'root', exp: now() + 60 }),
        );
        return [header, payload.toString('base64url'), signature].join('.');
      },
      'what is no token': async () => 'abc',
    };
    /** Signed with the right key, under a header that is not. */
    async function signedAs(header: Record<string, unknown>): Promise<string> {
      const { privateKey } = shop.issuer.keys.get('first')!;
      const payload = { iss: shop.issuer.url, aud: 'shop', sub: 'x', exp: now() + 60 };
      return forge({ alg: 'ES256', kid: 'first', ...header }, payload, input =>
        createSign('sha256')
          .update(input)
          .sign({ key: KeyObject.from(privateKey as never), dsaEncoding: 'ieee-p1363' }, 'base64url'),
      );
    }
    for (const [name, make] of Object.entries(rows)) {
      it(name, async () => {
        const token = await make();
        const answer = await shop.call(token);
        const text = await answer.text();
        assert.equal(answer.status, 401, text);
        assert.match(answer.headers.get('www-authenticate') ?? '', /^Bearer realm="shop", error="invalid_token", /);
        assert.equal(shop.upstream.seen.length, 0);
        assert.ok(!(text + JSON.stringify(shop.served.logged)).includes(token), 'the token is shown');
      });
    }

    it('nothing that the row before forged by accident: the same key and header are let in', async () => {
      assert.equal((await shop.call(await signedAs({}))).status, 200);
    });

    it('a kid of 1 MB before anything looks at it (54)', async () => {
      const token = forge({ alg: 'ES256', kid: 'k'.repeat(1024 * 1024) }, { iss: shop.issuer.url });
      // The server may cut the connection while the client still sends.
      const status = await shop.call(token).then(
        answer => answer.status,
        () => 431,
      );
      assert.equal(status, 431);
      assert.deepEqual(shop.issuer.asked, []);
    });
  });

  const reasons: Record<string, [() => Promise<string>, string]> = {
    'a token that has expired': [() => shop.issuer.sign({ exp: now() - 60 }), 'The token has expired'],
    'a token that is not valid yet': [() => shop.issuer.sign({ nbf: now() + 60 }), 'The token is not valid yet'],
    'a token for another': [() => shop.issuer.sign({ aud: 'x' }), 'The claim aud is not as this API demands'],
    'a signature of another kind': [
      async () => forge({ alg: 'HS256' }, {}),
      'The token is signed in a way that is not accepted',
    ],
    'a key that is not known': [async () => forge({ alg: 'ES256', kid: 'x' }, {}), 'The key of the token is not known'],
    'a signature that is wrong': [
      async () => (await shop.issuer.sign()).replace(/\.[^.]*$/, `.${'A'.repeat(86)}`),
      'The signature is wrong',
    ],
    'what is no token': [async () => 'abc', 'The token is malformed'],
  };
  for (const [name, [make, reason]] of Object.entries(reasons)) {
    it(`says why: ${name}`, async () => {
      const answer = await shop.call(await make());
      const expected = `Bearer realm="shop", error="invalid_token", error_description="${reason}"`;
      assert.equal(answer.headers.get('www-authenticate'), expected);
    });
  }

  for (const name of ['jku', 'x5u']) {
    it(`never fetches what ${name} in the header of a token names (53)`, async () => {
      const evil = await startUpstream();
      const { privateKey } = await generateKeyPair('ES256');
      const token = await new SignJWT({ iss: shop.issuer.url, aud: 'shop', exp: now() + 60 })
        .setProtectedHeader({ alg: 'ES256', kid: 'evil', [name]: `${evil.origin}/keys` })
        .sign(privateKey);
      assert.equal((await shop.call(token)).status, 401);
      assert.equal(evil.seen.length, 0);
      await evil.close();
    });
  }
});
