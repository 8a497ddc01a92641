// Steps that are repeated until they succeed, and work that goes on until its owner stops.
import assert from 'node:assert/strict';
import { again } from '../../../core/retry/again.ts';
import { every } from '../../../core/retry/every.ts';
import { createFakeWorld, type FakeWorld } from '../../fakes/fake-world.ts';

describe('again', () => {
  let world: FakeWorld;
  let stop: AbortController;
  let calls: number[];
  let began: number;

  beforeEach(() => {
    world = createFakeWorld();
    began = world.now();
    stop = new AbortController();
    calls = [];
  });

  const failing = (times: number) => async () => {
    calls.push(world.now() - began);
    if (calls.length <= times) throw new Error(`failure ${calls.length}`);
    return 'done';
  };

  it('waits longer after each failure, up to its limit, until the step succeeds', async () => {
    const heard: string[] = [];
    const failed = (error: unknown, failures: number) => heard.push(`${failures}: ${error}`);
    const result = again(failing(4), { base: 100, max: 300, failed }, { world, signal: stop.signal });
    await world.pass(10_000);
    assert.equal(await result, 'done');
    // Three quarters of 100, 200, 300 and 300.
    assert.deepEqual(calls, [0, 75, 225, 450, 675]);
    assert.deepEqual(
      heard,
      [1, 2, 3, 4].map(number => `${number}: Error: failure ${number}`),
    );
  });

  it('waits as after a first failure where the step went well for a while', async () => {
    const wentOn = () => calls.length === 3;
    const result = again(failing(4), { base: 100, max: 300, wentOn }, { world, signal: stop.signal });
    await world.pass(10_000);
    assert.equal(await result, 'done');
    assert.deepEqual(calls, [0, 75, 225, 300, 450]);
  });

  it('ends with what its listener throws', async () => {
    const failed = (error: unknown, failures: number) => {
      if (failures === 3) throw new Error('given up', { cause: error });
    };
    const result = again(failing(9), { base: 10, max: 10, failed }, { world, signal: undefined });
    const ended = assert.rejects(result, /given up/);
    await world.pass(1_000);
    await ended;
    assert.equal(calls.length, 3);
  });

  it('ends with the reason of the signal during a pause, and makes no further step', async () => {
    const ended = assert.rejects(again(failing(9), { base: 10, max: 10 }, { world, signal: stop.signal }), /closed/);
    await world.pass(0);
    stop.abort(new Error('closed'));
    await ended;
    await world.pass(1_000);
    assert.equal(calls.length, 1);
  });

  it('ends with the reason of the signal where the step fails by it, and tells nobody', async () => {
    const heard: unknown[] = [];
    const step = async () => {
      stop.abort(new Error('closed'));
      throw new Error('a consequence');
    };
    const options = { base: 10, max: 10, failed: (error: unknown) => heard.push(error) };
    await assert.rejects(again(step, options, { world, signal: stop.signal }), /closed/);
    assert.deepEqual(heard, []);
  });

  it('makes no step for a signal that has aborted before', async () => {
    stop.abort(new Error('closed'));
    await assert.rejects(again(failing(0), { base: 10, max: 10 }, { world, signal: stop.signal }), /closed/);
    assert.deepEqual(calls, []);
  });
});

describe('every', () => {
  it('runs in rounds until the signal aborts, and waits before the first', async () => {
    const world = createFakeWorld();
    const began = world.now();
    const stop = new AbortController();
    const rounds: number[] = [];
    const running = every(100, async () => void rounds.push(world.now() - began), { world, signal: stop.signal });
    await world.pass(350);
    stop.abort(new Error('closed'));
    await running;
    await world.pass(1_000);
    assert.deepEqual(rounds, [100, 200, 300]);
  });

  it('passes on a failure of the work', async () => {
    const world = createFakeWorld();
    const work = async () => {
      throw new Error('broken');
    };
    const ended = assert.rejects(every(100, work, { world, signal: new AbortController().signal }), /broken/);
    await world.pass(100);
    await ended;
  });
});
