// When the keys of an issuer are fetched, how often at most, and how long they last when the issuer
// does not answer. Time is fake.
import assert from 'node:assert/strict';
import { createKeySource, type KeySet } from '../../../gateway/auth/key-source.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

function setUp() {
  const world = createFakeWorld();
  const issuer = { kid: 'one', down: false, slow: undefined as Promise<void> | undefined, asked: 0 };
  const logged: string[] = [];
  const source = createKeySource({
    world,
    issuer: 'https://issuer.example',
    jwksUri: 'https://issuer.example/keys',
    async fetchJson() {
      issuer.asked++;
      await issuer.slow;
      if (issuer.down) throw new Error('down');
      return { keys: [{ kty: 'EC', kid: issuer.kid }] };
    },
    log: (_level, message) => logged.push(message),
  });
  const kids = (keys: KeySet | undefined) => keys && JSON.parse(keys.text).keys[0].kid;
  return { world, issuer, logged, source, kids };
}

describe('createKeySource', () => {
  it('fetches on first need, once for all who wait', async () => {
    const { issuer, source, kids } = setUp();
    assert.equal(source.tick(), undefined);
    assert.equal(issuer.asked, 0);
    const all = await Promise.all([source.current(), source.current(), source.current()]);
    assert.deepEqual(all.map(kids), ['one', 'one', 'one']);
    assert.equal(issuer.asked, 1);
  });

  it('renews in the background once keys are ten minutes old', async () => {
    const { world, issuer, source, kids } = setUp();
    await source.current();
    issuer.kid = 'two';
    await world.pass(9 * MINUTE);
    source.tick();
    await world.pass(0);
    assert.equal(issuer.asked, 1);
    await world.pass(MINUTE);
    assert.equal(kids(source.tick()), 'one');
    await world.pass(0);
    assert.equal(kids(source.tick()), 'two');
    assert.equal(issuer.asked, 2);
  });

  it('waits for the renewal of keys that are older than an hour', async () => {
    const { world, issuer, source, kids } = setUp();
    await source.current();
    issuer.kid = 'two';
    await world.pass(HOUR);
    assert.equal(source.tick(), undefined);
    assert.equal(kids(await source.current()), 'two');
  });

  it('gives newer keys for an unknown one, at most once in ten seconds', async () => {
    const { world, issuer, source, kids } = setUp();
    const known = await source.current();
    issuer.kid = 'two';
    assert.equal(await source.newerThan(known), undefined);
    await world.pass(10 * SECOND);
    const newer = await Promise.all(Array.from({ length: 50 }, () => source.newerThan(known)));
    assert.ok(newer.every(keys => kids(keys) === 'two'));
    assert.equal(issuer.asked, 2);
    for (let count = 0; count < 50; count++) {
      await source.newerThan(newer[0]!);
      await world.pass(SECOND);
    }
    assert.equal(issuer.asked, 6);
  });

  it('uses the keys that it has while the issuer is down, for a day', async () => {
    const { world, issuer, logged, source, kids } = setUp();
    await source.current();
    issuer.down = true;
    for (let hour = 0; hour < 23; hour++) {
      await world.pass(HOUR);
      assert.equal(kids(await source.current()), 'one', `after ${hour + 1} hours`);
    }
    await world.pass(HOUR);
    await assert.rejects(source.current(), { code: 'auth-unavailable' });
    assert.match(logged.at(-1)!, /could not be fetched: down/);
    issuer.down = false;
    await world.pass(10 * SECOND);
    assert.equal(kids(await source.current()), 'one');
  });

  it('makes nobody wait for an issuer that has just failed and now hangs, as long as there are keys', async () => {
    const { world, issuer, source, kids } = setUp();
    await source.current();
    issuer.down = true;
    await world.pass(2 * HOUR);
    await source.current();
    issuer.slow = new Promise(() => {});
    await world.pass(MINUTE);
    assert.equal(kids(await source.current()), 'one');
  });

  it('asks at most once a second while there are no keys', async () => {
    const { world, issuer, source } = setUp();
    issuer.down = true;
    for (let count = 0; count < 20; count++) {
      await assert.rejects(source.current(), { code: 'auth-unavailable', retryAfterSeconds: 1 });
      await world.pass(100);
    }
    assert.equal(issuer.asked, 2);
  });

  it('keeps the keys when the issuer answers with what is no key set', async () => {
    const { world, source, kids } = setUp();
    await source.current();
    const broken = createKeySource({
      world,
      issuer: 'x',
      jwksUri: 'https://issuer.example/keys',
      fetchJson: async () => ({ error: 'maintenance' }),
      log() {},
    });
    await assert.rejects(broken.current(), { code: 'auth-unavailable' });
    assert.equal(kids(source.tick()), 'one');
  });

  it('asks no more once it is closed', async () => {
    const { issuer, source } = setUp();
    source.close();
    await assert.rejects(source.current());
    assert.equal(issuer.asked, 0);
  });
});
