// How long an exchange may take, under fake time: whoever keeps sending or reading is never cut,
// whoever stalls or drips is.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { TenfoldError } from '../../../core/errors.ts';
import { TimeLimits } from '../../../gateway/exchange/time-limits.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';

const TIMEOUT_MS = 29_000;
const IDLE_MS = 300_000;

function begin(waits = true) {
  const world = createFakeWorld();
  const late: TenfoldError[] = [];
  const limits = new TimeLimits({
    world,
    timeoutMs: TIMEOUT_MS,
    waitsForClient: () => waits,
    late: error => late.push(error),
  });
  return { world, late, limits };
}
const codes = (late: readonly TenfoldError[]) => late.map(({ code }) => code);
const pause = (most: number) => fc.integer({ min: 0, max: most });

describe('time limits of an exchange', () => {
  it('an answer must begin in time', async () => {
    const { world, late } = begin(false);
    await world.pass(TIMEOUT_MS - 1);
    assert.deepEqual(codes(late), []);
    await world.pass(1);
    assert.deepEqual(codes(late), ['timeout']);
    await world.pass(IDLE_MS);
    assert.equal(late.length, 1);
  });

  it('no upload is cut whose parts come with shorter pauses than the timeout, and fast enough', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(pause(TIMEOUT_MS - 1), { maxLength: 20 }), async pauses => {
        const { world, late, limits } = begin();
        for (const ms of pauses) {
          await world.pass(ms);
          limits.received(1 + Math.ceil((ms * 1024) / 1000));
          assert.ok(limits.remainingMs <= TIMEOUT_MS);
        }
        await world.pass(TIMEOUT_MS - 2);
        assert.deepEqual(codes(late), []);
        await world.pass(2);
        assert.deepEqual(codes(late), ['request-timeout']);
      }),
      { numRuns: 50 },
    );
  });

  it('a client that stalls is told so, and its target is not blamed', async () => {
    const { world, late, limits } = begin(true);
    await world.pass(TIMEOUT_MS);
    assert.deepEqual(codes(late), ['request-timeout']);
    assert.ok(limits.remainingMs > 1);
  });

  it('a target that takes no more of an upload has run out of time', async () => {
    const { world, late, limits } = begin(false);
    limits.received(1_000_000);
    await world.pass(TIMEOUT_MS);
    assert.deepEqual(codes(late), ['timeout']);
    assert.equal(limits.remainingMs, 1);
  });

  it('an upload that drips ends', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1000, max: TIMEOUT_MS - 1 }), async ms => {
        const { world, late, limits } = begin();
        const sentMs = 10 * TIMEOUT_MS;
        for (let spent = 0; spent < sentMs && late.length === 0; spent += ms) {
          await world.pass(ms);
          limits.received(Math.floor((ms * 512) / 1000));
        }
        assert.deepEqual(codes(late), ['request-timeout']);
      }),
      { numRuns: 20 },
    );
  });

  it('an answer that has begun ends by silence alone, however long it lasts', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(pause(IDLE_MS - 1), { maxLength: 20 }), async pauses => {
        const { world, late, limits } = begin();
        limits.begin(IDLE_MS, true);
        for (const ms of pauses) {
          await world.pass(ms);
          limits.heard(1);
        }
        await world.pass(IDLE_MS - 1);
        assert.deepEqual(codes(late), []);
        await world.pass(1);
        assert.deepEqual(codes(late), ['timeout']);
      }),
      { numRuns: 50 },
    );
  });

  it('a silence shorter than what is left of the timeout counts, too', async () => {
    const { world, late, limits } = begin();
    limits.begin(50, true);
    await world.pass(50);
    assert.deepEqual(codes(late), ['timeout']);
  });

  it('an answer of known length that drips ends; a stream may', async () => {
    const drip = async (isStream: boolean, bytesPerMinute: number) => {
      const { world, late, limits } = begin();
      limits.begin(IDLE_MS, isStream);
      for (let spent = 0; spent < 20 * IDLE_MS && late.length === 0; spent += 60_000) {
        await world.pass(60_000);
        limits.heard(bytesPerMinute);
      }
      return codes(late);
    };
    assert.deepEqual(await drip(false, 100), ['timeout']);
    assert.deepEqual(await drip(true, 100), []);
    assert.deepEqual(await drip(false, 100_000), []);
  });

  it('a client that reads on is not cut while the target is held back, one that drips is', async () => {
    const read = async (bytesPerSecond: number) => {
      const { world, late, limits } = begin();
      limits.begin(IDLE_MS, true);
      for (let spent = 0; spent < 20 * IDLE_MS && late.length === 0; spent += 60_000) {
        limits.heard(bytesPerSecond * 60);
        limits.blocked();
        await world.pass(60_000);
        limits.drained();
      }
      return codes(late);
    };
    assert.deepEqual(await read(2048), []);
    assert.deepEqual(await read(100), ['request-timeout']);
  });
});
