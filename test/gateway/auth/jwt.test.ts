// Bearer tokens at the public door, with a real issuer on the other side: what is let in, what is refused and how, and what it costs.
import assert from 'node:assert/strict';
import { createHmac, createSign } from 'node:crypto';
import { exportJWK, exportSPKI, generateKeyPair } from 'jose';
import { type Echo, startUpstream } from '../../fakes/echo-upstream.ts';
import { serveYaml } from '../serve-yaml.ts';
import { forge, startIssuer, type TestIssuer } from './test-issuer.ts';

const now = () => Math.floor(Date.now() / 1000);

describe('auth.jwt', () => {
  let issuer: TestIssuer;
  let upstream: Awaited<ReturnType<typeof startUpstream>>;
  let served: Awaited<ReturnType<typeof serveYaml>>;

  const yaml = (jwt = '', more = '') => `
apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: orders }
spec: { url: http://orders.example }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  auth:
    jwt:
      issuer: ${issuer.url}
      audience: [shop, other]
      forward: { x-user: sub, x-roles: roles, x-name: name }
${jwt}
${more}
  routes:
    - match: { path: /orders }
      to: { function: orders }
    - match: { path: /open }
      to: { function: orders }
      auth: { required: false }
    - match: { path: /admin }
      to: { function: orders }
      auth: { allow: "\${claims.role == 'admin'}" }
`;
  const serve = async (text: string) => {
    await served?.close();
    served = await serveYaml(text, { functions: { orders: upstream.origin } });
  };
  const call = (token: string | undefined, path = '/orders', headers: Record<string, string> = {}) =>
    fetch(served.address + path, {
      headers: { ...headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
    });
  const fieldsOf = async (answer: Response) => {
    assert.equal(answer.status, 200);
    const { rawHeaders } = (await answer.json()) as Echo;
    const fields: Record<string, string> = {};
    for (let index = 0; index < rawHeaders.length; index += 2)
      fields[rawHeaders[index]!.toLowerCase()] = rawHeaders[index + 1]!;
    return fields;
  };

  beforeEach(async () => {
    issuer = await startIssuer();
    upstream = await startUpstream();
    served = await serveYaml(yaml(), { functions: { orders: upstream.origin } });
  });
  afterEach(async () => {
    await served.close();
    await upstream.close();
    await issuer.close();
  });

  it('lets a good token in, found by discovery, and asks the issuer once for many', async () => {
    const token = await issuer.sign();
    for (let count = 0; count < 5; count++) assert.equal((await call(token)).status, 200);
    assert.equal((await call(await issuer.sign({ sub: 'bob' }))).status, 200);
    assert.deepEqual(issuer.asked, ['/.well-known/openid-configuration', '/keys?of=all']);
  });

  it('forwards claims as headers and drops the same names from outside in every spelling', async () => {
    const token = await issuer.sign({ roles: ['admin', 'cook'], name: 'Zoë' });
    const forged = { 'X-User': 'root', x_user: 'root', X_ROLES: 'root' };
    const fields = await fieldsOf(await call(token, '/orders', forged));
    assert.equal(fields['x-user'], 'ada');
    assert.equal(fields['x-roles'], 'admin,cook');
    assert.equal(Buffer.from(fields['x-name']!, 'latin1').toString(), 'Zoë');
    assert.ok(!JSON.stringify(fields).includes('root'));
  });

  it('drops those names on routes that are open too', async () => {
    const fields = await fieldsOf(await call(undefined, '/open', { 'x-user': 'root', x_roles: 'root' }));
    assert.ok(!JSON.stringify(fields).includes('root'));
  });

  it('forwards no claim that would end the field and begin another', async () => {
    const fields = await fieldsOf(await call(await issuer.sign({ name: 'a\r\nx-admin: true' })));
    assert.equal(fields['x-name'], undefined);
    assert.equal(fields['x-admin'], undefined);
  });

  it('asks for a token with WWW-Authenticate: Bearer, without an error code (RFC 6750 §3.1)', async () => {
    const answer = await call(undefined);
    assert.equal(answer.status, 401);
    assert.equal(answer.headers.get('www-authenticate'), 'Bearer realm="shop"');
    assert.equal(answer.headers.get('content-type'), 'application/problem+json');
  });

  it('refuses another scheme', async () => {
    const answer = await fetch(`${served.address}/orders`, { headers: { authorization: 'Basic YTpi' } });
    assert.equal(answer.status, 401);
    assert.equal(upstream.seen.length, 0);
  });

  describe('refuses', () => {
    const rows: Record<string, () => Promise<string>> = {
      'alg none (51)': async () => forge({ alg: 'none' }, { iss: issuer.url, aud: 'shop', sub: 'x', exp: now() + 60 }),
      'alg NoNe (51)': async () => forge({ alg: 'NoNe' }, { iss: issuer.url, aud: 'shop', sub: 'x', exp: now() + 60 }),
      'HS256 with the public key as secret (52)': async () => {
        const pair = await issuer.addKey('rsa', 'RS256');
        const pem = await exportSPKI(pair.publicKey);
        const payload = { iss: issuer.url, aud: 'shop', sub: 'x', exp: now() + 60 };
        return forge({ alg: 'HS256', kid: 'rsa' }, payload, input =>
          createHmac('sha256', pem).update(input).digest('base64url'),
        );
      },
      'a key that the token brings itself, jwk (53)': async () => {
        const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
        const { SignJWT } = await import('jose');
        return new SignJWT({ iss: issuer.url, aud: 'shop', exp: now() + 60 })
          .setProtectedHeader({ alg: 'RS256', jwk: await exportJWK(publicKey) })
          .sign(privateKey);
      },
      'a kid that is a path (54)': () => signedAs({ kid: '../../../../dev/null' }),
      'a kid that is SQL (54)': () => signedAs({ kid: "' UNION SELECT 'key" }),
      'a kid that is no text (54)': () => signedAs({ kid: { $ne: 1 } }),
      'a critical extension that nobody knows (55)': () => signedAs({ crit: ['exp2'], exp2: 1 }),
      'an unencoded payload, b64 false (55)': () => signedAs({ crit: ['b64'], b64: false }),
      'an audience of another (56)': () => issuer.sign({ aud: ['someone', 'else'] }),
      'no audience (56)': () => issuer.sign({ aud: undefined as never }),
      'a list as issuer (56)': () => issuer.sign({ iss: [issuer.url] as never }),
      'an issuer of another (56)': () => issuer.sign({ iss: 'https://evil.example' }),
      'an exp that is text (56)': () => issuer.sign({ exp: '9e9' as never }),
      'no exp': () => issuer.sign({ exp: undefined as never }),
      'an nbf in the future (56)': () => issuer.sign({ nbf: now() + 600 }),
      'a token that has expired': () => issuer.sign({ exp: now() - 60 }),
      'a changed payload': async () => {
        const [header, , signature] = (await issuer.sign()).split('.');
        const payload = Buffer.from(JSON.stringify({ iss: issuer.url, aud: 'shop', sub: 'root', exp: now() + 60 }));
        return [header, payload.toString('base64url'), signature].join('.');
      },
      'what is no token': async () => 'abc',
    };
    /** Signed with the right key, under a header that is not. */
    async function signedAs(header: Record<string, unknown>): Promise<string> {
      const { privateKey } = issuer.keys.get('first')!;
      const { KeyObject } = await import('node:crypto');
      const payload = { iss: issuer.url, aud: 'shop', sub: 'x', exp: now() + 60 };
      return forge({ alg: 'ES256', kid: 'first', ...header }, payload, input =>
        createSign('sha256')
          .update(input)
          .sign({ key: KeyObject.from(privateKey as never), dsaEncoding: 'ieee-p1363' }, 'base64url'),
      );
    }
    for (const [name, make] of Object.entries(rows)) {
      it(name, async () => {
        const token = await make();
        const answer = await call(token);
        const text = await answer.text();
        assert.equal(answer.status, 401, text);
        assert.match(answer.headers.get('www-authenticate') ?? '', /^Bearer realm="shop", error="invalid_token", /);
        assert.equal(upstream.seen.length, 0);
        assert.ok(!(text + JSON.stringify(served.logged)).includes(token), 'the token is shown');
      });
    }

    it('nothing that the row before forged by accident: the same key and header are let in', async () => {
      assert.equal((await call(await signedAs({}))).status, 200);
    });

    it('a kid of 1 MB before anything looks at it (54)', async () => {
      const token = forge({ alg: 'ES256', kid: 'k'.repeat(1024 * 1024) }, { iss: issuer.url });
      // The server may cut the connection while the client still sends.
      const status = await call(token).then(
        answer => answer.status,
        () => 431,
      );
      assert.equal(status, 431);
      assert.deepEqual(issuer.asked, []);
    });
  });

  const reasons: Record<string, [() => Promise<string>, string]> = {
    'a token that has expired': [() => issuer.sign({ exp: now() - 60 }), 'The token has expired'],
    'a token that is not valid yet': [() => issuer.sign({ nbf: now() + 60 }), 'The token is not valid yet'],
    'a token for another': [() => issuer.sign({ aud: 'x' }), 'The claim aud is not as this API demands'],
    'a signature of another kind': [
      async () => forge({ alg: 'HS256' }, {}),
      'The token is signed in a way that is not accepted',
    ],
    'a key that is not known': [async () => forge({ alg: 'ES256', kid: 'x' }, {}), 'The key of the token is not known'],
    'a signature that is wrong': [
      async () => (await issuer.sign()).replace(/\.[^.]*$/, `.${'A'.repeat(86)}`),
      'The signature is wrong',
    ],
    'what is no token': [async () => 'abc', 'The token is malformed'],
  };
  for (const [name, [make, reason]] of Object.entries(reasons)) {
    it(`says why: ${name}`, async () => {
      const answer = await call(await make());
      const expected = `Bearer realm="shop", error="invalid_token", error_description="${reason}"`;
      assert.equal(answer.headers.get('www-authenticate'), expected);
    });
  }

  for (const name of ['jku', 'x5u']) {
    it(`never fetches what ${name} in the header of a token names (53)`, async () => {
      const evil = await startUpstream();
      const { SignJWT } = await import('jose');
      const { privateKey } = await generateKeyPair('ES256');
      const token = await new SignJWT({ iss: issuer.url, aud: 'shop', exp: now() + 60 })
        .setProtectedHeader({ alg: 'ES256', kid: 'evil', [name]: `${evil.origin}/keys` })
        .sign(privateKey);
      assert.equal((await call(token)).status, 401);
      assert.equal(evil.seen.length, 0);
      await evil.close();
    });
  }

  it('lets in within the clock skew, and not beyond', async () => {
    assert.equal((await call(await issuer.sign({ exp: now() - 10 }))).status, 200);
    assert.equal((await call(await issuer.sign({ exp: now() - 31 }))).status, 401);
    assert.equal((await call(await issuer.sign({ nbf: now() + 20 }))).status, 200);
  });

  it('takes algorithms from the allow-list alone', async () => {
    await issuer.addKey('ed', 'EdDSA');
    await serve(yaml('      algorithms: [ES256]'));
    assert.equal((await call(await issuer.sign({}, { kid: 'ed' }))).status, 401);
    await serve(yaml('      algorithms: [EdDSA]'));
    assert.equal((await call(await issuer.sign({}, { kid: 'ed' }))).status, 200);
  });

  it('finds the key of a token without kid among several', async () => {
    await issuer.addKey('second');
    const { SignJWT } = await import('jose');
    const token = await new SignJWT({ iss: issuer.url, aud: 'shop', sub: 'ada', exp: now() + 60 })
      .setProtectedHeader({ alg: 'ES256' })
      .sign(issuer.keys.get('second')!.privateKey);
    assert.equal((await call(token)).status, 200);
  });

  it('does not hammer the issuer for a flood of unknown kids (56)', async () => {
    await call(await issuer.sign());
    const { privateKey } = await generateKeyPair('ES256');
    const { SignJWT } = await import('jose');
    const flood = Array.from({ length: 200 }, async (_, index) => {
      const token = await new SignJWT({ iss: issuer.url, aud: 'shop', exp: now() + 60 })
        .setProtectedHeader({ alg: 'ES256', kid: `unknown-${index}` })
        .sign(privateKey);
      return (await call(token)).status;
    });
    assert.deepEqual([...new Set(await Promise.all(flood))], [401]);
    assert.equal(issuer.asked.length, 2);
  });

  it('answers 503 with Retry-After while it has no keys, and asks again later', async () => {
    issuer.failWith = 500;
    const answer = await call(await issuer.sign());
    assert.equal(answer.status, 503);
    assert.equal(answer.headers.get('retry-after'), '1');
    assert.ok(!(await answer.text()).includes(issuer.url));
    assert.equal(served.logged[0]?.level, 'warn');
  });

  it('does not follow a redirect to the keys', async () => {
    const evil = await startUpstream();
    const redirecting = await startUpstream((_, response) => response.writeHead(302, { location: evil.origin }).end());
    await serve(yaml(`      jwksUri: ${redirecting.origin}/keys`));
    assert.equal((await call(await issuer.sign())).status, 503);
    assert.equal(evil.seen.length, 0);
    await redirecting.close();
    await evil.close();
  });

  it('does not take keys from the discovery document of another issuer', async () => {
    const other = await startUpstream((_, response) =>
      response.end(JSON.stringify({ issuer: 'https://other.example', jwks_uri: `${issuer.url}/keys` })),
    );
    await serve(yaml().replace(issuer.url, other.origin));
    assert.equal((await call(await issuer.sign({ iss: other.origin }))).status, 503);
    assert.deepEqual(issuer.asked, []);
    await other.close();
  });

  it('demands claims: 401 for a claim, 403 insufficient_scope for a scope', async () => {
    await serve(yaml('      claims: { tenant: [acme, ajax], scope: orders }'));
    assert.equal((await call(await issuer.sign({ tenant: 'ajax', scope: 'menu orders' }))).status, 200);
    assert.equal((await call(await issuer.sign({ tenant: ['x', 'acme'], scope: 'orders' }))).status, 200);
    assert.equal((await call(await issuer.sign({ tenant: 'other', scope: 'orders' }))).status, 401);
    const answer = await call(await issuer.sign({ tenant: 'acme', scope: 'orders2' }));
    assert.equal(answer.status, 403);
    assert.match(answer.headers.get('www-authenticate') ?? '', /error="insufficient_scope"/);
  });

  it('answers 403 where the rule of a route does not hold, or cannot be evaluated', async () => {
    assert.equal((await call(await issuer.sign({ role: 'admin' }), '/admin')).status, 200);
    assert.equal((await call(await issuer.sign({ role: 'cook' }), '/admin')).status, 403);
    assert.equal((await call(await issuer.sign(), '/admin')).status, 403);
  });

  it('opens a route to everybody with required: false', async () => {
    assert.equal((await call(undefined, '/open')).status, 200);
  });

  it('auth.optional lets nobody in as nobody, and refuses wrong credentials all the same', async () => {
    await serve(yaml('', '    optional: true'));
    assert.equal((await call(undefined)).status, 200);
    assert.equal((await call('abc')).status, 401);
    assert.equal((await call(undefined, '/admin')).status, 403);
  });
});
