// What a part's cache keeps, for whom and how long, and what it gives when the service is
// slow or down; time is fake.
import assert from 'node:assert/strict';
import { never, ok, type Reply, type Scripted, scriptParts, status } from './scripted-parts.ts';

const SECOND = 1000;

function script(cache: Record<string, unknown>, reply: (nth: number) => Reply, more: Record<string, unknown> = {}) {
  return scriptParts(
    {
      timeout: '1s',
      parts: { a: { to: { function: 'a' }, path: '/x?id=${params.id}', required: false, cache, ...more } },
      response: { body: '${a.body}' },
    },
    (_, nth) => reply(nth),
  );
}

async function ask(scripted: Scripted, options: Parameters<Scripted['run']>[0] = {}) {
  const outcome = scripted.run(options);
  await scripted.world.pass(SECOND);
  const { body } = outcome.run.variables['a'] as { body: unknown };
  const result = outcome.run.results[0];
  return [result?.outcome, body, result?.ageMs === undefined ? undefined : Math.round(result.ageMs / SECOND)];
}

describe('the cache of a part', () => {
  it('answers from what it keeps, with its age, until its time is over', async () => {
    const scripted = script({ ttl: '10s' }, nth => ok(0, nth));
    assert.deepEqual(await ask(scripted), ['ok', 0, undefined]);
    await scripted.world.pass(4 * SECOND);
    assert.deepEqual(await ask(scripted), ['ok', 0, 5]);
    await scripted.world.pass(6 * SECOND);
    assert.deepEqual(await ask(scripted), ['ok', 1, undefined]);
  });

  it('makes one call for all who ask at the same time', async () => {
    const scripted = script({ ttl: '10s' }, nth => ok(50, nth));
    const outcomes = [scripted.run(), scripted.run(), scripted.run()];
    await scripted.world.pass(60);
    assert.equal(scripted.started.length, 1);
    assert.ok(outcomes.every(({ doneAt }) => doneAt === 50));
  });

  it('lets one who asked leave without disturbing the others', async () => {
    const scripted = script({ ttl: '10s' }, nth => ok(50, nth));
    const [first, second] = [scripted.run(), scripted.run()];
    await scripted.world.pass(10);
    first.run.cancel();
    await scripted.world.pass(100);
    assert.deepEqual([first.doneAt, second.doneAt], [undefined, 50]);
  });

  it('gives an old answer at once while it fetches a new one', async () => {
    const scripted = script({ ttl: '1s', staleWhileRevalidate: '1m' }, nth => ok(100, nth));
    await ask(scripted);
    await scripted.world.pass(5 * SECOND);
    const began = scripted.world.monotonic();
    const outcome = scripted.run();
    assert.equal(outcome.run.results[0]?.outcome, 'stale');
    assert.equal(scripted.world.monotonic(), began);
    await scripted.world.pass(200);
    assert.deepEqual(await ask(scripted), ['ok', 1, 0]);
  });

  const failures: Record<string, Reply> = { 'answers 500': status(1, 500), 'is silent': never };
  for (const [name, failure] of Object.entries(failures)) {
    it(`gives an old answer when the service ${name}, as long as it may`, async () => {
      const scripted = script({ ttl: '1s', staleIfError: '1m' }, nth => (nth === 0 ? ok(0, 'old') : failure));
      await ask(scripted);
      await scripted.world.pass(5 * SECOND);
      assert.deepEqual((await ask(scripted)).slice(0, 2), ['stale', 'old']);
      await scripted.world.pass(60 * SECOND);
      assert.deepEqual((await ask(scripted)).slice(0, 2), ['failed', null]);
    });
  }

  it('gives an old answer in time to one with less time than the fetch has', async () => {
    const scripted = script({ ttl: '1s', staleIfError: '1m' }, nth => (nth === 0 ? ok(0, 'old') : never));
    await ask(scripted);
    await scripted.world.pass(5 * SECOND);
    const outcome = scripted.run({ deadlineMs: 100 });
    await scripted.world.pass(100);
    assert.equal(outcome.run.results[0]?.outcome, 'stale');
  });

  const notKept: Record<string, string[]> = {
    'no-store': ['cache-control', 'no-store'],
    private: ['cache-control', 'max-age=5, private'],
    'a cookie': ['set-cookie', 'sid=1'],
    'Vary: *': ['vary', '*'],
    'Vary on a field that was sent and is not part of the key': ['vary', 'X-Forwarded-For'],
  };
  for (const [name, fields] of Object.entries(notKept)) {
    it(`does not keep an answer with ${name}`, async () => {
      const scripted = script({ ttl: '10s' }, nth => ({
        afterMs: 0,
        kind: { status: 200, body: String(nth), fields: ['content-type', 'application/json', ...fields] },
      }));
      const sent = ['x-forwarded-for', '192.0.2.1'];
      await ask(scripted, { fields: sent });
      assert.deepEqual(await ask(scripted, { fields: sent }), ['ok', 1, undefined]);
    });
  }

  it('keeps answers apart by the fields that vary names', async () => {
    const scripted = script({ ttl: '1m', vary: ['accept-language'] }, nth => ok(0, nth));
    assert.equal((await ask(scripted, { fields: ['accept-language', 'de'] }))[1], 0);
    assert.equal((await ask(scripted, { fields: ['accept-language', 'fr'] }))[1], 1);
    assert.equal((await ask(scripted, { fields: ['accept-language', 'de'] }))[1], 0);
  });

  for (const name of ['accept-language', 'x-forwarded-host', 'x-forwarded-proto', 'x-forwarded-prefix']) {
    it(`keeps answers apart by ${name}, which services may answer by`, async () => {
      const scripted = script({ ttl: '1m' }, nth => ok(0, nth));
      assert.equal((await ask(scripted, { fields: [name, 'a'] }))[1], 0);
      assert.equal((await ask(scripted, { fields: [name, 'b'] }))[1], 1);
      assert.equal((await ask(scripted, { fields: [name, 'a'] }))[1], 0);
    });
  }

  for (const name of ['x-request-id', 'baggage', 'forwarded', 'x-unknown', 'x-api-key']) {
    it(`tells no service ${name} when the answer is kept`, async () => {
      const scripted = script({ ttl: '1m' }, nth => ok(0, nth));
      await ask(scripted, { fields: [name, 'a'] });
      assert.deepEqual(scripted.started[0]?.call.headers, []);
    });
  }

  it('keeps answers apart by the headers that the part declares', async () => {
    const scripted = script({ ttl: '1m' }, nth => ok(0, nth), { headers: { 'x-tenant': '${request.headers["x-t"]}' } });
    assert.equal((await ask(scripted, { fields: ['x-t', 'a'] }))[1], 0);
    assert.equal((await ask(scripted, { fields: ['x-t', 'b'] }))[1], 1);
    assert.equal((await ask(scripted, { fields: ['x-t', 'a'] }))[1], 0);
  });

  it('is filled without credentials when all consumers share it', async () => {
    const scripted = script({ ttl: '1m' }, nth => ok(0, nth));
    await ask(scripted, { fields: ['authorization', 'Bearer a', 'cookie', 'sid=1'], consumer: 'ada' });
    assert.deepEqual(await ask(scripted, { consumer: 'bob' }), ['ok', 0, 1]);
    assert.deepEqual(scripted.started[0]?.call.headers, []);
  });

  it('keeps consumers apart when told so, and nothing for one that nobody knows', async () => {
    const scripted = script({ ttl: '1m', perConsumer: true }, nth => ok(0, nth));
    const as = (consumer: string) => ask(scripted, { fields: ['authorization', 'Bearer x'], consumer });
    assert.equal((await as('ada'))[1], 0);
    assert.equal((await as('bob'))[1], 1);
    assert.equal((await as('ada'))[1], 0);
    assert.equal((await as(''))[1], 2);
    assert.equal((await as(''))[1], 3);
    assert.deepEqual(scripted.started[0]?.call.headers, ['authorization', 'Bearer x']);
  });

  it('stays within its memory', async () => {
    const scripted = script({ ttl: '1h' }, () => ok(0, 'x'.repeat(1_000_000)), {
      path: '/${request.headers["x-n"]}',
      maxBody: '2Mi',
    });
    for (let n = 0; n < 12; n++) {
      scripted.run({ fields: ['x-n', String(n)] });
      await scripted.world.pass(1);
    }
    scripted.run({ fields: ['x-n', '0'] });
    await scripted.world.pass(1);
    assert.equal(scripted.started.length, 13, 'the first has been forgotten');
    scripted.run({ fields: ['x-n', '11'] });
    await scripted.world.pass(1);
    assert.equal(scripted.started.length, 13, 'the last is still there');
  });
});
