// The small parts of the runtime: settings, log, admission, deadlines, probes.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createAdmission } from '../../runtime/admission.ts';
import { createDeadlines } from '../../runtime/deadlines.ts';
import { probeOf } from '../../runtime/health.ts';
import { createLog } from '../../runtime/log.ts';
import { rawHeader } from '../../runtime/raw-headers.ts';
import { readSettings } from '../../runtime/settings.ts';
import { eventually } from '../eventually.ts';

describe('settings', () => {
  it('have defaults for all but the function', () => {
    const { settings, problems, warnings } = readSettings({}, ['functions/orders.ts']);
    assert.deepEqual([problems, warnings], [[], []]);
    assert.deepEqual(settings, {
      ...{ module: 'functions/orders.ts', functionName: 'orders', host: '0.0.0.0', port: 8080, timeoutMs: 29_000 },
      namespace: undefined,
      development: false,
      inspected: false,
      describes: false,
      ...{ concurrency: 50, queue: 100, maxBodyBytes: 1_048_576, logLevel: 'info', graceMs: 30_000 },
      ...{ internalUrl: undefined, internalKey: undefined, internalKeyFile: undefined, version: undefined },
    });
  });

  it('are all read from the environment', () => {
    const environment = {
      ...{
        TENFOLD_FUNCTION: '/app/a.ts',
        TENFOLD_FUNCTION_NAME: 'orders',
        TENFOLD_NAMESPACE: 'shop',
        TENFOLD_HOST: '127.0.0.1',
        PORT: '0',
        TENFOLD_QUEUE: '7',
      },
      ...{
        TENFOLD_TIMEOUT_MS: '900000',
        TENFOLD_CONCURRENCY: '0',
        TENFOLD_MAX_BODY: '5Mi',
        TENFOLD_LOG_LEVEL: 'debug',
      },
      ...{ TENFOLD_GRACE_MS: '0', TENFOLD_INTERNAL_URL: 'http://127.0.0.1:8081', TENFOLD_INTERNAL_KEY: 'k' },
      TENFOLD_INTERNAL_KEY_FILE: '/keys/k',
      TENFOLD_DEVELOPMENT: '1',
      TENFOLD_INSPECT: '1',
      TENFOLD_DESCRIBE: '1',
      K_REVISION: 'orders-00007',
    };
    const { settings } = readSettings(environment, []);
    assert.deepEqual(settings, {
      ...{ module: '/app/a.ts', functionName: 'orders', host: '127.0.0.1', port: 0, timeoutMs: 900_000 },
      namespace: 'shop',
      ...{ concurrency: 0, queue: 7, maxBodyBytes: 5_242_880, logLevel: 'debug', graceMs: 0 },
      ...{
        internalUrl: 'http://127.0.0.1:8081',
        internalKey: 'k',
        internalKeyFile: '/keys/k',
        development: true,
        inspected: true,
        describes: true,
        version: 'orders-00007',
      },
    });
  });

  const wrong: Array<[variable: string, value: string]> = [
    ['PORT', '65536'],
    ['PORT', '80a'],
    ['PORT', '-1'],
    ['TENFOLD_TIMEOUT_MS', '0'],
    ['TENFOLD_TIMEOUT_MS', '900001'],
    ['TENFOLD_TIMEOUT_MS', '1e3'],
    ['TENFOLD_CONCURRENCY', 'many'],
    ['TENFOLD_QUEUE', '1.5'],
    ['TENFOLD_GRACE_MS', '-5'],
    ['TENFOLD_MAX_BODY', '1 MB'],
    ['TENFOLD_LOG_LEVEL', 'verbose'],
    ['TENFOLD_INTERNAL_URL', 'localhost'],
    ['TENFOLD_INTERNAL_URL', 'https://x'],
  ];
  for (const [variable, value] of wrong) {
    it(`refuse ${variable}=${value}, naming both`, () => {
      const { settings, problems } = readSettings({ [variable]: value }, ['f.ts']);
      assert.equal(settings, undefined);
      assert.equal(problems.length, 1);
      assert.match(problems[0]!, new RegExp(`^${variable} must be .*, not "${value}"\\.$`));
    });
  }

  it('say everything that is wrong at once', () => {
    const { problems } = readSettings({ PORT: 'x', TENFOLD_QUEUE: 'x' }, []);
    assert.equal(problems.length, 3);
    assert.match(problems[0]!, /pass the path of its module, or set TENFOLD_FUNCTION/);
  });

  it('warn of variables that have no effect, with the nearest name', () => {
    const { warnings } = readSettings({ TENFOLD_CONCURENCY: '1', TENFOLD_ZZZZZZZZ: '1', OTHER: '1' }, ['f.ts']);
    assert.deepEqual(warnings, [
      'The variable TENFOLD_CONCURENCY is not known and has no effect; did you mean TENFOLD_CONCURRENCY?',
      'The variable TENFOLD_ZZZZZZZZ is not known and has no effect.',
    ]);
  });
});

describe('the log', () => {
  function logged(threshold: 'debug' | 'info' | 'warn' | 'error', write: (log: ReturnType<typeof createLog>) => void) {
    const lines: string[] = [];
    write(
      createLog(
        threshold,
        { function: 'f' },
        line => lines.push(line),
        () => 0,
      ),
    );
    return lines.map(line => {
      assert.ok(line.endsWith('}\n') && line.indexOf('\n') === line.length - 1);
      return JSON.parse(line);
    });
  }
  const head = { time: '1970-01-01T00:00:00.000Z', level: 'info', message: 'm', function: 'f' };

  it('is one JSON object a line, from the threshold up', () => {
    const lines = logged('warn', log => {
      log.line('info', 'no');
      log.line('error', 'm\nn', { a: 1 });
    });
    assert.deepEqual(lines, [{ ...head, level: 'error', message: 'm\nn', a: 1 }]);
  });

  it('writes errors with stack, code and causes', () => {
    const cause = Object.assign(new Error('inner'), { code: 'EX' });
    const [line] = logged('info', log => log.line('info', 'm', { error: new TypeError('outer', { cause }) }));
    assert.equal(line.error.name, 'TypeError');
    assert.match(line.error.stack, /^TypeError: outer\n\s+at /);
    assert.equal(line.error.cause.code, 'EX');
  });

  it('keeps its own names when fields have the same', () => {
    assert.deepEqual(
      logged('info', log => log.line('info', 'm', { level: 'x', message: 'y', time: 'z' })),
      [head],
    );
  });

  it('never throws: cycles, big integers, values that refuse', () => {
    const cycle: { self?: object } = {};
    cycle.self = cycle;
    const refusing = { toJSON: () => assert.fail('refuses') };
    const [line] = logged('info', log => log.line('info', 'm', { cycle, big: 2n ** 70n, refusing, fine: 1 }));
    const cut = '[cannot be written as JSON]';
    assert.deepEqual(line, { ...head, cycle: cut, big: '1180591620717411303424', refusing: cut, fine: 1 });
  });

  it('bounds a chain of causes that never ends', () => {
    const error = new Error('x');
    error.cause = error;
    assert.equal(logged('info', log => log.line('info', 'm', { error })).length, 1);
  });
});

describe('admission', () => {
  it('never runs more than allowed, never lets more wait, forgets nobody, and keeps the order', () => {
    const step = fc.constantFrom('enter', 'leave', 'abandon');
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 0, max: 3 }),
        fc.array(step),
        (concurrency, queue, steps) => {
          const admission = createAdmission<number>({ concurrency, queue });
          const waiting: number[] = [];
          let running = 0;
          for (const [item, what] of steps.entries()) {
            if (what === 'enter') {
              const expected = running < concurrency ? 'run' : waiting.length < queue ? 'wait' : 'refuse';
              assert.equal(admission.enter(item), expected);
              if (expected === 'run') running++;
              if (expected === 'wait') waiting.push(item);
            } else if (what === 'abandon') admission.abandon(waiting.pop() ?? -1);
            else if (running > 0) {
              const next = waiting.shift();
              if (next === undefined) running--;
              assert.equal(admission.leave(), next);
            }
            assert.deepEqual([admission.running, admission.waiting], [running, waiting.length]);
          }
        },
      ),
    );
  });
});

describe('deadlines', () => {
  it('expire each open item once, not before its time, and none that was removed', async () => {
    const expired: string[] = [];
    const start = performance.now();
    const deadlines = createDeadlines<{ name: string; expiresAt: number }>(
      () => performance.now(),
      item => {
        assert.ok(performance.now() >= item.expiresAt);
        expired.push(item.name);
      },
    );
    const at = (name: string, ms: number) => ({ name, expiresAt: start + ms });
    const removed = at('removed', 15);
    for (const item of [at('c', 30), at('a', 5), removed, at('b', 20), at('never', 1e9)]) deadlines.add(item);
    deadlines.remove(removed);
    await eventually(() => expired.length === 3, 'three have expired');
    // Those that are due at the same look have no order.
    assert.deepEqual(expired.sort(), ['a', 'b', 'c']);
    deadlines.close();
  });
});

describe('probes and raw headers', () => {
  const rows: Array<[url: string, probe: 'live' | 'ready' | undefined]> = [
    ['/healthz', 'live'],
    ['/readyz?x', 'ready'],
    ['/_/health', 'ready'],
    ['/_/ready', 'ready'],
    ['/', undefined],
    ['', undefined],
    ['*', undefined],
    ['/healthz/x', undefined],
  ];
  for (const [url, probe] of rows)
    it(`${url || 'the empty target'} is ${probe ?? 'no probe'}`, () => assert.equal(probeOf(url), probe));

  it('a raw header is found whatever its case, the first of several', () => {
    assert.equal(rawHeader(['Host', 'a', 'CONTENT-length', '1', 'content-length', '2'], 'content-length'), '1');
    assert.equal(rawHeader(['content-lengt', '1'], 'content-length'), undefined);
  });
});
