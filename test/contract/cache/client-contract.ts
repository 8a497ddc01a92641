// What functions can rely on of `context.cache`, whatever endpoint is behind it.
import assert from 'node:assert/strict';
import { InvokeError } from '../../../sdk/client/invoke-error.ts';
import type { Transport } from '../../../sdk/client/transport.ts';
import { type CacheSubject, cacheOf, type Logged } from './subject.ts';

export function describeClient(open: () => Promise<CacheSubject>): void {
  let subject: CacheSubject;
  before(async () => {
    subject = await open();
  });
  after(() => subject.close());
  const cache = () => cacheOf(subject);
  const hour = { ttlMs: 3_600_000 };

  for (const [what, value] of [
    ['an object', { drinks: ['v60'], none: null }],
    ['a text', 'espresso'],
    ['an empty text', ''],
    ['a number', 0],
    ['null', null],
    ['bytes', Buffer.from([0, 10, 255])],
    ['no bytes', Buffer.alloc(0)],
  ] as const) {
    it(`keeps ${what} as it is`, async () => {
      await cache().set('value', value, hour);
      assert.deepEqual(await cache().get('value'), value);
    });
  }

  it('has nothing under a key that was not written', async () => {
    assert.equal(await cache().get('nothing'), undefined);
    assert.equal(await cache().read('nothing'), undefined);
    assert.equal(await cache().delete('nothing'), false);
  });

  it('compares versions: of those who change the same value at the same time, each sees what the others did', async () => {
    await cache().set('counter', 0, hour);
    const add = async () => {
      for (;;) {
        const { value = 0, version = '' } = (await cache().read<number>('counter')) ?? {};
        if (await cache().set('counter', value + 1, { ...hour, when: { version } })) return;
      }
    };
    await Promise.all(Array.from({ length: 8 }, add));
    assert.equal(await cache().get('counter'), 8);
  });

  it('lets one of many be the first, and end what it began only', async () => {
    const firsts = await Promise.all(
      Array.from({ length: 5 }, (_, who) => cache().set('lock', who, { ...hour, when: 'absent' })),
    );
    const [version] = firsts.filter(each => each !== undefined);
    assert.equal(firsts.filter(each => each !== undefined).length, 1);
    assert.equal(await cache().delete('lock', { version: 'another' }), false);
    assert.equal(await cache().delete('lock', { version: version! }), true);
  });

  it('loads once for many that ask at the same time', async () => {
    let loads = 0;
    const load = async () => {
      await new Promise(resolve => setTimeout(resolve, 30));
      return { loads: ++loads };
    };
    const values = await Promise.all(Array.from({ length: 20 }, () => cache().getOrSet('once', hour, load)));
    assert.deepEqual(new Set(values.map(({ loads: each }) => each)), new Set([1]));
    subject.pass(3_600_001);
    assert.deepEqual(await cache().getOrSet('once', hour, load), { loads: 2 });
  });

  it('shortens times to live by the jitter at most', async () => {
    await cache().getOrSet('jitter', { ttlMs: 10_000_000, jitter: 0.5 }, () => 1);
    subject.pass(4_980_000);
    assert.equal(await cache().get('jitter'), 1);
    subject.pass(5_020_001);
    assert.equal(await cache().get('jitter'), undefined);
  });

  it('gives the old value while making a new one fails, and the error without one', async () => {
    const options = { ttlMs: 1000, staleMs: 60_000, jitter: 0 };
    const fail = () => Promise.reject(new Error('the source is down'));
    await cache().getOrSet('stale', options, () => 'old');
    subject.pass(1001);
    const logs: Logged[] = [];
    assert.equal(await cacheOf(subject, 20_000, logs).getOrSet('stale', options, fail), 'old');
    assert.equal(logs.length, 1);
    assert.equal(await cache().getOrSet('stale', options, () => 'new'), 'new');
    await assert.rejects(cache().getOrSet('unknown', options, fail), /the source is down/);
    assert.equal(await cache().getOrSet('unknown', options, () => 'there'), 'there', 'the lease was given back');
  });

  it('does not keep undefined', async () => {
    assert.equal(await cache().getOrSet('undefined', hour, () => undefined), undefined);
    assert.equal(await cache().getOrSet<number | undefined>('undefined', hour, () => 1), 1);
  });

  for (const [what, disturb] of [
    ['written', () => cache().set('disturbed', 'newer', hour)],
    ['deleted', () => cache().delete('disturbed')],
    ['purged', () => cache().purge('disturbance')],
  ] as const) {
    it(`does not keep what was loaded when it was ${what} meanwhile`, async () => {
      await cache().delete('disturbed');
      const value = await cache().getOrSet('disturbed', { ...hour, tags: ['disturbance'] }, async () => {
        await disturb();
        return 'older';
      });
      assert.equal(value, 'older');
      assert.notEqual(await cache().get('disturbed'), 'older');
    });
  }

  it('loads without the cache when it does not answer, and says so in the log', async () => {
    const broken: Transport = () => Promise.reject(new Error('connection refused'));
    const logs: Logged[] = [];
    assert.equal(await cacheOf({ transport: broken }, 20_000, logs).getOrSet('down', hour, () => 'loaded'), 'loaded');
    assert.equal(logs.length, 1);
    await assert.rejects(cacheOf({ transport: broken }).get('down'), InvokeError);
  });

  it('loads for itself when the one who makes the value takes longer than it can wait', async () => {
    let finish = (_: string) => {};
    let slow: Promise<string> | undefined;
    await new Promise<void>(begun => {
      slow = cache().getOrSet('slow', hour, () => {
        begun();
        return new Promise<string>(resolve => {
          finish = resolve;
        });
      });
    });
    assert.equal(await cache().getOrSet('slow', { ...hour, waitMs: 20 }, () => 'own'), 'own');
    finish('slow');
    assert.equal(await slow, 'slow');
    assert.equal(await cache().get('slow'), 'slow');
  });

  it('passes on what the endpoint refuses', async () => {
    await assert.rejects(cache().set('ttl', 1, { ttlMs: 10 ** 12 }), { name: 'InvokeError', status: 400 });
    await assert.rejects(
      cache().getOrSet('k'.repeat(600), hour, () => 1),
      { name: 'InvokeError', status: 400 },
    );
    await assert.rejects(cache().get(''), TypeError);
    await assert.rejects(
      cache().set('function', () => {}, hour),
      TypeError,
    );
  });

  it('gives a value that is too large to its caller, without keeping it', async () => {
    const large = 'x'.repeat(2 * 1024 * 1024);
    assert.equal((await cache().getOrSet('large', hour, () => large)).length, large.length);
    assert.equal(await cache().get('large'), undefined);
  });
}
