// What is remembered of a checked token, and for how long.
import assert from 'node:assert/strict';
import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { isRefusal } from '../../../gateway/auth/identity.ts';
import type { KeySet, KeySource } from '../../../gateway/auth/key-source.ts';
import { createTokenCache } from '../../../gateway/auth/token-cache.ts';
import { createTokenVerifier } from '../../../gateway/auth/token-verifier.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';

const START = 1_800_000_000_000;

async function setUp() {
  const world = createFakeWorld(START);
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'one' }] };
  const keySet = (text: string): KeySet => ({ find: createLocalJWKSet(jwks), text });
  let keys = keySet('one');
  const source: KeySource = {
    current: async () => keys,
    newerThan: async () => undefined,
    tick: () => keys,
    close() {},
  };
  const rules = { issuer: 'iss', audience: 'aud', algorithms: ['ES256'], clockSkew: 30_000 };
  const token = await new SignJWT({ iss: 'iss', aud: 'aud', sub: 'ada', exp: START / 1000 + 60 })
    .setProtectedHeader({ alg: 'ES256', kid: 'one' })
    .sign(privateKey);
  return {
    world,
    verifier: createTokenVerifier(world, rules, source),
    token,
    changeKeys(text: string) {
      keys = keySet(text);
    },
  };
}

describe('createTokenVerifier', () => {
  it('knows a token that it has checked, until it expires with the skew', async () => {
    const { world, verifier, token } = await setUp();
    assert.equal(verifier.known(`Bearer ${token}`), undefined);
    const result = await verifier.verify(`Bearer ${token}`, token);
    assert.ok(!isRefusal(result));
    assert.equal(verifier.known(`Bearer ${token}`)?.consumer, 'ada');
    await world.pass(89_999);
    assert.equal(verifier.known(`Bearer ${token}`)?.consumer, 'ada');
    await world.pass(1);
    assert.equal(verifier.known(`Bearer ${token}`), undefined);
    assert.ok(isRefusal(await verifier.verify(`Bearer ${token}`, token)));
  });

  it('forgets what it knew when the keys change, as one of them may have been taken back', async () => {
    const { verifier, token, changeKeys } = await setUp();
    await verifier.verify(`Bearer ${token}`, token);
    changeKeys('two');
    assert.equal(verifier.known(`Bearer ${token}`), undefined);
    await verifier.verify(`Bearer ${token}`, token);
    assert.equal(verifier.known(`Bearer ${token}`)?.consumer, 'ada');
  });

  it('remembers nothing that was checked while the keys changed', async () => {
    const { verifier, token, changeKeys } = await setUp();
    const checking = verifier.verify(`Bearer ${token}`, token);
    changeKeys('two');
    assert.ok(!isRefusal(await checking));
    assert.equal(verifier.known(`Bearer ${token}`), undefined);
  });
});

describe('createTokenCache', () => {
  const identity = { consumer: 'ada', claims: {}, forward: [] };

  it('holds a bounded number, and drops those that were not used', () => {
    const cache = createTokenCache();
    cache.add('used', identity, 1);
    for (let index = 0; index < 100_000; index++) {
      cache.add(`token ${index}`, identity, 1);
      cache.find('used', 0);
    }
    assert.ok(cache.find('used', 0));
    assert.equal(cache.find('token 0', 0), undefined);
    const found = Array.from({ length: 100_000 }, (_, index) => cache.find(`token ${index}`, 0)).filter(Boolean);
    assert.ok(found.length <= 4096, `${found.length}`);
  });

  it('does not hold credentials that are too long', () => {
    const cache = createTokenCache();
    cache.add('x'.repeat(4097), identity, 1);
    assert.equal(cache.find('x'.repeat(4097), 0), undefined);
  });
});
