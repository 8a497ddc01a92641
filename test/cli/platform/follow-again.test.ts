// Commands that follow a platform: how long they wait while it is away, and what they say.
import assert from 'node:assert/strict';
import { CommandError } from '../../../cli/command-error.ts';
import { followAgain } from '../../../cli/platform/follow-again.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';

const away = new CommandError('platform-unreachable', 'The platform does not answer.');
const ends = new TenfoldError('shutting-down', 'The process ends.');

/** `answers`: each with whether something arrives, and how it ends. */
function follow(answers: readonly (readonly [arrives: boolean, error: Error | undefined])[], canGoOn = true) {
  const world = createFakeWorld(0);
  const [times, said]: [number[], string[]] = [[], []];
  const stop = new AbortController();
  const read = async (heard: () => void) => {
    const [arrives, error] = answers[times.push(world.now()) - 1] ?? assert.fail('it is asked too often');
    if (arrives) heard();
    if (error) throw error;
  };
  const terminal = { say: (text: string) => void said.push(text) };
  const result = followAgain({ read, canGoOn: () => canGoOn }, { terminal, signal: stop.signal, world });
  return { world, times, said, stop, result };
}

describe('following a platform again', () => {
  it('waits longer while it stays away, up to its limit, and says so once', async () => {
    const { world, times, said, result } = follow([
      ...Array.from({ length: 7 }, () => [false, away] as const),
      [true, undefined],
    ]);
    await world.pass(100_000);
    await result;
    // Three quarters of 1, 2, 4, 8, 15, 15 and 15 s.
    assert.deepEqual(times, [0, 750, 2_250, 5_250, 11_250, 22_500, 33_750, 45_000]);
    assert.deepEqual(said, ['The platform does not answer. Trying again.']);
  });

  it('begins with short pauses again when it has heard something, and says why it broke off', async () => {
    const { world, times, said, result } = follow([
      [true, ends],
      [false, away],
      [false, away],
      [true, ends],
      [true, undefined],
    ]);
    await world.pass(100_000);
    await result;
    assert.deepEqual(times, [0, 750, 2_250, 5_250, 6_000]);
    const [end, gone] = [`${ends.message} Trying again.`, `${away.message} Trying again.`];
    assert.deepEqual(said, [end, gone, end]);
  });

  it('ends with what does not pass, and where it cannot go on', async () => {
    const refused = new TenfoldError('forbidden', 'You may not.');
    await assert.rejects(follow([[true, refused]]).result, refused);
    await assert.rejects(follow([[false, away]], false).result, away);
  });

  it('ends with Ctrl-C, also during a pause', async () => {
    const { world, stop, times, result } = follow([[false, away]]);
    await world.pass(100);
    stop.abort(new Error('Ctrl-C'));
    await result;
    assert.equal(times.length, 1);
  });
});
