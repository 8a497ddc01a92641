// Tokens of a cluster at the internal listener: each proves the namespace of its pod, to the
// installation that it was made for.
import assert from 'node:assert/strict';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { TenfoldError } from '../../../core/errors.ts';
import { createKeySource } from '../../../gateway/auth/key-source.ts';
import { createCallerKeys } from '../../../gateway/listeners/caller-keys.ts';
import { createCallerTokens } from '../../../gateway/listeners/caller-tokens.ts';
import { withTokens } from '../../../gateway/listeners/callers.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';

const START = 1_800_000_000_000;
const NOW = START / 1000;
const AUDIENCE = 'tenfold.dev/internal/tenfold-system';
const POD = { aud: [AUDIENCE], sub: 'system:serviceaccount:shop:default', nbf: NOW, exp: NOW + 3600 };

async function setUp() {
  const world = createFakeWorld(START);
  const [now, next] = await Promise.all([0, 1].map(() => generateKeyPair('RS256')));
  assert.ok(now && next);
  const jwkOf = async (pair: typeof now, kid: string) => ({ ...(await exportJWK(pair.publicKey)), kid, alg: 'RS256' });
  let published: unknown = { keys: [await jwkOf(now, 'now')] };
  let away = false;
  let asked = 0;
  const keys = createKeySource({
    world,
    issuer: 'of the API server',
    jwksUri: '/openid/v1/jwks',
    async fetchJson() {
      asked++;
      if (away) throw new Error('it is away');
      return published;
    },
    log() {},
  });
  const tokens = createCallerTokens({ world, keys, audience: AUDIENCE });
  const sign = (claims: JWTPayload, pair = now, kid = 'now') =>
    new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid }).sign(pair.privateKey);
  return {
    world,
    tokens,
    sign,
    signNext: (claims: JWTPayload) => sign(claims, next, 'next'),
    asked: () => asked,
    async publishNext() {
      published = { keys: [await jwkOf(now, 'now'), await jwkOf(next, 'next')] };
    },
    goAway(is: boolean) {
      away = is;
    },
  };
}

describe('caller tokens', () => {
  it('prove the namespace of the ServiceAccount that they are of', async () => {
    const { tokens, sign } = await setUp();
    assert.equal(await tokens.namespaceOf(await sign(POD)), 'shop');
  });

  it('are known at once when they come again, until they end', async () => {
    const { tokens, sign, world, asked } = await setUp();
    const token = await sign(POD);
    await tokens.namespaceOf(token);
    assert.equal(tokens.namespaceOf(token), 'shop');
    assert.equal(asked(), 1);
    await world.pass(3_600_000 + 60_000);
    assert.equal(await tokens.namespaceOf(token), undefined);
  });

  const wrong: Record<string, Partial<Record<keyof typeof POD, unknown>>> = {
    'made for the API server': { aud: ['https://kubernetes.default.svc'] },
    'made for another installation': { aud: ['tenfold.dev/internal/another'] },
    'made for nobody': { aud: undefined },
    'that has ended': { exp: NOW - 61 },
    'that never ends': { exp: undefined },
    'that holds only later': { nbf: NOW + 61 },
    'of a person': { sub: 'ada' },
    'of a node': { sub: 'system:node:one' },
    'of nobody': { sub: undefined },
    'of what is no namespace': { sub: 'system:serviceaccount:a/b:default' },
  };
  for (const [name, claims] of Object.entries(wrong)) {
    it(`are not taken: one ${name}`, async () => {
      const { tokens, sign } = await setUp();
      assert.equal(await tokens.namespaceOf(await sign({ ...POD, ...claims } as JWTPayload)), undefined);
    });
  }

  it('are not taken when they are signed by somebody else, in another way, or not at all', async () => {
    const { tokens, sign, signNext } = await setUp();
    const token = await sign(POD);
    const [, payload, signature] = token.split('.');
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const symmetric = new SignJWT(POD).setProtectedHeader({ alg: 'HS256', kid: 'now' });
    for (const forged of [
      await signNext(POD),
      await symmetric.sign(new Uint8Array(32)),
      `${part({ alg: 'none' })}.${payload}.`,
      `${part({ alg: 'RS256', kid: 'now' })}.${part({ ...POD, sub: 'system:serviceaccount:bank:default' })}.${signature}`,
    ]) {
      assert.equal(await tokens.namespaceOf(forged), undefined, forged);
    }
  });

  it('are taken as soon as the cluster signs with another key', async () => {
    const { tokens, sign, signNext, publishNext, world } = await setUp();
    assert.equal(await tokens.namespaceOf(await sign(POD)), 'shop');
    await publishNext();
    await world.pass(10_000);
    assert.equal(await tokens.namespaceOf(await signNext(POD)), 'shop');
    assert.equal(await tokens.namespaceOf(await sign(POD)), 'shop');
  });

  it('can be checked while the API server is away, and when it never answered that is said as what passes', async () => {
    const { tokens, sign, goAway, world } = await setUp();
    const token = await sign(POD);
    goAway(true);
    await assert.rejects(
      async () => tokens.namespaceOf(token),
      error => error instanceof TenfoldError && error.code === 'auth-unavailable' && error.retryable,
    );
    goAway(false);
    await world.pass(1000);
    assert.equal(await tokens.namespaceOf(token), 'shop');
    goAway(true);
    await world.pass(2 * 60 * 60_000 - 1000);
    const fresh = await sign({ ...POD, exp: NOW + 10_800 });
    // Whoever asks first has them renewed, which fails; nobody waits for that again.
    assert.equal(await Promise.resolve(tokens.namespaceOf(fresh)).catch(() => undefined), 'shop');
  });
});

describe('keys and tokens together', () => {
  it('are told apart, and each is taken where it is right', async () => {
    const { tokens, sign } = await setUp();
    const keys = createCallerKeys('a secret');
    const callers = withTokens(keys, tokens);
    assert.equal(callers.namespaceOf(keys.keyFor('bank')), 'bank');
    assert.equal(await callers.namespaceOf(await sign(POD)), 'shop');
    for (const key of [undefined, '', 'a.b.c.d', `a.b.${'c'.repeat(10_000)}`])
      assert.equal(callers.namespaceOf(key), undefined);
    assert.equal(withTokens(keys, undefined).namespaceOf(await sign(POD)), undefined);
  });
});
