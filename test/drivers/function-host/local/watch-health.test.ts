// When an instance counts as silent and when as hung: by unanswered checks alone, never sooner than
// it was told, and with a way back.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { watchHealth } from '../../../../drivers/function-host/local/watch-health.ts';
import { createFakeWorld } from '../../../fakes/fake-world.ts';

const health = { path: '/healthz', readyPath: '/readyz', unreadyAfterMs: 30_000, restartAfterMs: 60_000 };

/**
 * An instance that answers while `answers` says so; what is said of it, each
 * with the time in seconds.
 */
function start(answers: (atMs: number) => boolean, times = health) {
  const world = createFakeWorld();
  const said: string[] = [];
  const begun = world.monotonic();
  const say = (what: string) => () => void said.push(`${what} ${Math.round((world.monotonic() - begun) / 1000)}`);
  const check = async (_path: string, withinMs: number) => {
    const until = world.monotonic() + withinMs;
    // What blocked ends, and what was asked meanwhile is answered.
    while (!answers(world.monotonic() - begun) && world.monotonic() < until)
      await new Promise<void>(resolve => world.after(Math.min(100, until - world.monotonic()), resolve));
    return answers(world.monotonic() - begun);
  };
  const watch = watchHealth(world, times, check, { silent: say('silent'), back: say('back'), hung: say('hung') });
  return { world, said, watch };
}

describe('the health of an instance', () => {
  const cases: readonly [name: string, answers: (atMs: number) => boolean, said: readonly RegExp[]][] = [
    ['one that answers is well', () => true, []],
    ['one that computes for 20 s is well', at => at < 30_000 || at > 50_000, []],
    [
      'one that computes for 50 s leaves the rotation and comes back',
      at => at < 30_000 || at > 80_000,
      [/^silent [67]\d$/, /^back 8\d$/],
    ],
    ['one that blocks for ever is hung', at => at < 30_000, [/^silent [67]\d$/, /^hung (9|10)\d$/]],
    ['one that never answers is hung, too', () => false, [/^silent [34]\d$/, /^hung [678]\d$/]],
  ];
  for (const [name, answers, expected] of cases) {
    it(`${name}`, async () => {
      const { world, said } = start(answers);
      await world.pass(300_000);
      assert.equal(said.length, expected.length, said.join());
      for (const [index, pattern] of expected.entries()) assert.match(said[index] ?? '', pattern);
    });
  }

  it('is asked for no more once it is of no interest', async () => {
    const { world, said, watch } = start(() => false);
    await world.pass(20_000);
    watch.close();
    await world.pass(300_000);
    assert.deepEqual(said, []);
  });

  it('is never called hung for a block that is shorter than was said, and always for one without end', async () => {
    const ms = (min: number, max: number) => fc.integer({ min, max });
    await fc.assert(
      fc.asyncProperty(ms(1_000, 120_000), ms(10_000, 300_000), ms(0, 100_000), async (unready, restart, from) => {
        const times = { ...health, unreadyAfterMs: unready, restartAfterMs: restart };
        const short = start(at => at < from || at > from + restart, times);
        await short.world.pass(from + restart * 3);
        assert.ok(!short.said.some(text => text.startsWith('hung')), short.said.join());
        const endless = start(at => at < from, times);
        await endless.world.pass(from + restart * 2 + 60_000);
        assert.match(endless.said.at(-1) ?? '', /^hung/);
      }),
      { numRuns: 40 },
    );
  });
});
