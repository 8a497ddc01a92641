// What core/world.ts promises.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { Worker } from 'node:worker_threads';
import { inStep, parseTimestamp, realWorld, sleep, type Timer, type World } from '../../core/world.ts';

/** A server in a thread of its own, so that it answers while this one stands still. */
const ANSWERS_AT_ONCE = `
  const { createServer } = require('node:net');
  const { parentPort } = require('node:worker_threads');
  const server = createServer(socket => socket.on('data', () => socket.write('an answer')).on('error', () => {}));
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

/**
 * A process of its own with nothing to do but what `does` says, which a listening server keeps
 * alive; it gives up after a minute.
 */
async function runQuietly(does: string): Promise<{ status: number | null; said: string }> {
  const program = `
    import { once } from 'node:events';
    import { createServer } from 'node:net';
    import { realWorld } from ${JSON.stringify(new URL('../../core/world.ts', import.meta.url).href)};
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    setTimeout(() => process.exit(1), 60_000).unref();
    ${does}`;
  const child = spawn(process.execPath, ['--conditions=tenfold-source', '--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said, [status]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  return { status, said };
}

/** A world whose timers fire when told to. */
function stillWorld(): { world: World; timers: { ms: number; run: () => void; cancelled: boolean }[] } {
  const timers: { ms: number; run: () => void; cancelled: boolean }[] = [];
  const after = (ms: number, run: () => void): Timer => {
    const timer = { ms, run, cancelled: false };
    timers.push(timer);
    return {
      cancel() {
        timer.cancelled = true;
      },
    };
  };
  return { world: { ...realWorld, after }, timers };
}

describe('sleeping', () => {
  it('ends when its time is over', async () => {
    const { world, timers } = stillWorld();
    const sleeping = sleep(world, 50);
    assert.equal(timers[0]?.ms, 50);
    timers[0]?.run();
    await sleeping;
  });

  it('ends with the reason of the signal, and its timer is cancelled', async () => {
    const { world, timers } = stillWorld();
    const controller = new AbortController();
    const sleeping = sleep(world, 50, controller.signal);
    controller.abort(new Error('enough'));
    await assert.rejects(sleeping, /enough/);
    assert.equal(timers[0]?.cancelled, true);
  });

  it('does not begin when the signal is aborted already', async () => {
    const { world, timers } = stillWorld();
    await assert.rejects(sleep(world, 50, AbortSignal.abort(new Error('before'))), /before/);
    assert.equal(timers.length, 0);
  });

  it('takes no notice of a signal after its end', async () => {
    const { world, timers } = stillWorld();
    const controller = new AbortController();
    const sleeping = sleep(world, 50, controller.signal);
    timers[0]?.run();
    await sleeping;
    controller.abort();
    assert.equal(timers[0]?.cancelled, false);
  });
});

describe('the real world', () => {
  it('fires a timer once', async () => {
    let fired = 0;
    await new Promise<void>(resolve => {
      realWorld.after(1, () => {
        fired++;
        realWorld.after(5, resolve);
      });
      // Timers of the world do not keep a process alive; this one keeps the test.
      const keep = setInterval(() => fired > 0 && clearInterval(keep), 1);
    });
    assert.equal(fired, 1);
  });

  it('does not fire a cancelled timer', async () => {
    realWorld.after(1, () => assert.fail('was cancelled')).cancel();
    await new Promise(resolve => setTimeout(resolve, 10));
  });

  it('does not fire a timer beyond the range of setTimeout at once', async () => {
    const timer = realWorld.after(2 ** 40, () => assert.fail('fired at once'));
    await new Promise(resolve => setTimeout(resolve, 10));
    timer.cancel();
  });

  it('lets an answer that has come be read before a deadline that is late passes', async () => {
    const server = new Worker(ANSWERS_AT_ONCE, { eval: true });
    try {
      const [port] = await once(server, 'message');
      const socket = connect(port, '127.0.0.1');
      await once(socket, 'connect');
      const first = new Promise<string>(resolve => {
        const deadline = realWorld.after(50, () => resolve('the deadline'));
        socket.once('data', data => {
          deadline.cancel();
          resolve(data.toString());
        });
      });
      socket.write('?');
      // Once the request has left, this process stands still until the answer is there
      // and the deadline is over.
      await new Promise(resolve => setImmediate(resolve));
      assert.equal(Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400), 'timed-out');
      assert.equal(await first, 'an answer');
      socket.destroy();
    } finally {
      await server.terminate();
    }
  });

  it('fires timers in a process in which nothing else happens', async () => {
    const ended = await runQuietly(`
      let left = 30;
      const next = () => {
        if (left-- > 0) return realWorld.after(10, next);
        process.stdout.write('fired');
        server.close();
      };
      next();`);
    assert.deepEqual(ended, { status: 0, said: 'fired' });
  });

  it('keeps no process alive by a timer', async () => {
    const ended = await runQuietly("realWorld.after(30_000, () => process.stdout.write('fired')); server.close();");
    assert.deepEqual(ended, { status: 0, said: '' });
  });

  it('still fires a timer that is late, once', async () => {
    let fired = 0;
    realWorld.after(1, () => fired++);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    await new Promise(resolve => setTimeout(resolve, 10));
    assert.equal(fired, 1);
  });

  it('does not fire a late timer that is cancelled while the process reads', async () => {
    const late = realWorld.after(1, () => assert.fail('was cancelled'));
    setTimeout(() => late.cancel(), 1);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    await new Promise(resolve => setTimeout(resolve, 10));
  });

  it('has a clock that never goes back, random numbers below one, and unique ids', () => {
    const moments = Array.from({ length: 1000 }, () => realWorld.monotonic());
    assert.ok(moments.every((moment, index) => index === 0 || moment >= (moments[index - 1] ?? 0)));
    assert.ok(Math.abs(realWorld.now() - Date.now()) < 1000);
    const numbers = Array.from({ length: 1000 }, () => realWorld.random());
    assert.ok(numbers.every(number => number >= 0 && number < 1));
    assert.equal(new Set(Array.from({ length: 1000 }, () => realWorld.id())).size, 1000);
  });
});

describe('reading a timestamp', () => {
  const cases: readonly (readonly [text: string, ms: number | undefined])[] = [
    ['2026-01-01T00:00:00Z', 1_767_225_600_000],
    ['2026-01-01t00:00:00.123456789z', 1_767_225_600_123],
    ['2026-01-01T05:30:00+05:30', 1_767_225_600_000],
    ['2016-12-31T23:59:60Z', 1_483_228_799_000],
    ['2026-02-30T00:00:00Z', undefined],
    ['2026-01-01', undefined],
    ['soon', undefined],
  ];
  for (const [text, ms] of cases)
    it(`gives ${ms ?? 'nothing'} for ${text}`, () => assert.equal(parseTimestamp(text), ms));
});

describe('what is done now and then', () => {
  it('is done at whole tenths of a second, at most a tenth too early, and at short times as it is', () => {
    for (const [now, ms, left] of [
      [0, 1000, 1000],
      [1234.5, 1000, 965.5],
      [1299.9, 1000, 900.1],
      [1250, 150, 150],
      [1250, 40, 40],
    ] as const)
      assert.ok(Math.abs(inStep({ ...realWorld, monotonic: () => now }, ms) - left) < 1e-6, `${now} and ${ms}`);
  });
});
