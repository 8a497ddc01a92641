// How a function's process tells the platform why it failed: the platform alone, and sealed.
import assert from 'node:assert/strict';
import { openCauses, type PlacedCause } from '../../core/cause.ts';
import { Causes } from '../../runtime/causes.ts';
import { firstFrame } from '../../runtime/first-frame.ts';
import type { Transport } from '../../sdk/client/transport.ts';
import { batch, event, http, problem, reply } from '../../sdk/index.ts';
import { runFunction, stopFunctions } from './running-function.ts';

const key = Buffer.alloc(32, 7);
/** The platform's calls carry it. */
const PLATFORM = { 'tenfold-namespace': 'default' };
const CONSUMER = { ...PLATFORM, 'tenfold-consumer': 'Subscription/shop/receipts' };
const TRACE = '0123456789abcdef0123456789abcdef';
const traceparent = `00-${TRACE}-0123456789abcdef-01`;
const answered: Transport = async () => ({
  status: 200,
  headers: {},
  body: Buffer.from(key.toString('base64url')),
});

function causesWith(transport: Transport | undefined, monotonic = () => 0): Causes {
  const module = import.meta.filename;
  return new Causes({ module, version: '7', transport: () => transport, monotonic, random: () => 0.5 });
}

interface Got {
  readonly status: number;
  readonly body: string;
  readonly headers: readonly string[];
  readonly causes: readonly PlacedCause[];
  readonly sealed: string | null;
}

/** `lines` of headers that differ with each answer are left out. */
async function ask(fn: unknown, init: RequestInit, causes = causesWith(answered)): Promise<Got> {
  const { url } = await runFunction(fn, {}, causes);
  const response = await fetch(url, init);
  const sealed = response.headers.get('tenfold-cause');
  return {
    status: response.status,
    body: await response.text(),
    headers: [...response.headers].filter(([name]) => name !== 'date').map(String),
    causes: sealed === null ? [] : openCauses(key, sealed),
    sealed,
  };
}

const post = (headers: Record<string, string>, body = '{}'): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', traceparent, ...headers },
  body,
});
const asEvent = (headers: Record<string, string>) =>
  post({ 'ce-specversion': '1.0', 'ce-id': 'e-1', 'ce-source': '/t', 'ce-type': 't', ...headers });

const failing: Record<string, () => unknown> = {
  'a handler that throws': () => {
    throw new RangeError('no price for boom');
  },
  'a handler that rejects': () => Promise.reject(new RangeError('no price for boom')),
  'an answer that cannot be one': () => reply(200, 'x', { 'x-line': 'a\nb' }),
  'a stream that fails at once': () =>
    (async function* () {
      yield* [];
      throw new RangeError('no price for boom');
    })(),
};

describe('a function that fails', () => {
  afterEach(stopFunctions);

  for (const [name, run] of Object.entries(failing)) {
    it(`tells a consumer why: ${name}`, async () => {
      const { status, causes } = await ask(http(run), post(PLATFORM));
      assert.equal(status, 500);
      const [told] = causes;
      assert.ok(told?.cause.message);
      assert.equal(told.cause.trace, TRACE);
      assert.equal(told.cause.version, '7');
      if (told.cause.name === 'RangeError') assert.match(told.cause.at ?? '', /^causes\.test\.ts:\d+:\d+$/);
    });

    it(`gives callers what they got before: ${name}`, async () => {
      const plain = await ask(http(run), post({}));
      const asked = await ask(http(run), post(PLATFORM));
      assert.equal(plain.sealed, null);
      assert.equal(plain.body, asked.body);
      assert.deepEqual(
        asked.headers.filter(line => !line.startsWith('tenfold-cause,')),
        plain.headers,
      );
      assert.doesNotMatch(plain.body + plain.headers.join(), /boom|RangeError/);
    });
  }

  it('tells why a problem was thrown on purpose, and nothing of an answer that is none', async () => {
    const refused = await ask(
      event(() => Promise.reject(problem(422, { detail: 'No customer.' }))),
      asEvent(CONSUMER),
    );
    assert.equal(refused.status, 422);
    assert.partialDeepStrictEqual(refused.causes, [{ cause: { name: 'HttpProblem', message: 'No customer.' } }]);
    const plain = await ask(
      http(() => Promise.reject(problem(422, { detail: 'No customer.' }))),
      post(PLATFORM),
    );
    assert.deepEqual([plain.status, plain.sealed], [422, null], 'who made the request was told');
    const done = await ask(
      event(() => undefined),
      asEvent(PLATFORM),
    );
    assert.deepEqual([done.status, done.sealed], [204, null]);
  });

  it('tells of which events of a batch it speaks', async () => {
    const fn = batch(events =>
      events.map(({ id }) => (id === 'e-1' ? undefined : Object.assign(new Error(`no ${id}`), { name: 'Lost' }))),
    );
    const events = ['e-0', 'e-1', 'e-2'].map(id => ({ specversion: '1.0', id, source: '/t', type: 't' }));
    const type = { 'content-type': 'application/cloudevents-batch+json' };
    const { status, causes } = await ask(fn, post({ ...CONSUMER, ...type }, JSON.stringify(events)));
    assert.equal(status, 207);
    assert.partialDeepStrictEqual(causes, [
      { of: 0, cause: { name: 'Lost', message: 'no e-0' } },
      { of: 2, cause: { name: 'Lost', message: 'no e-2' } },
    ]);
  });

  it('names what was thrown that is no error', async () => {
    const { causes } = await ask(
      http(() => Promise.reject('boom')),
      post(PLATFORM),
    );
    assert.partialDeepStrictEqual(causes, [{ cause: { name: 'Thrown' } }]);
    assert.match(causes[0]?.cause.message ?? '', /boom/);
  });

  it('logs which event of which consumer it was called for', async () => {
    const fn = event((_event, { logger }) => logger.info('hello'));
    const { url, lines } = await runFunction(fn);
    const about = { ...CONSUMER, 'tenfold-event-key': 'caf%C3%A9', 'tenfold-attempt': '3' };
    await fetch(url, asEvent(about));
    assert.partialDeepStrictEqual(lines, [
      { consumer: 'Subscription/shop/receipts', event: 'e-1', key: 'café', attempt: 3, trace: TRACE },
    ]);
    await fetch(url, asEvent({}));
    assert.equal(lines.length, 2);
    assert.deepEqual([lines[1]?.['consumer'], lines[1]?.['attempt']], [undefined, undefined]);
  });
});

describe('the key of causes', () => {
  const thrown = [{ error: new Error('boom') }];

  it('is fetched at the first failure, and kept', async () => {
    let now = 0;
    let fetched = 0;
    const causes = causesWith(
      request => {
        fetched++;
        assert.equal(request.target, '/causes/key');
        return answered(request);
      },
      () => now,
    );
    assert.equal(fetched, 0);
    const sealed = await Promise.all([causes.seal(thrown, TRACE), causes.seal(thrown, TRACE)]);
    for (const one of sealed) assert.equal(openCauses(key, one ?? '')[0]?.cause.message, 'boom');
    assert.equal(fetched, 1);
    now += 599_999;
    await causes.seal(thrown, TRACE);
    assert.equal(fetched, 1);
    now += 1;
    await causes.seal(thrown, TRACE);
    assert.equal(fetched, 2);
  });

  it('is asked for as the process begins to listen, and is there at the first failure', async () => {
    let fetched = 0;
    const come = Promise.withResolvers<void>();
    const causes = causesWith(async request => {
      fetched++;
      await come.promise;
      return answered(request);
    });
    causes.begin();
    assert.equal(fetched, 1);
    const sealed = causes.seal(thrown, TRACE);
    come.resolve();
    assert.equal(openCauses(key, (await sealed) ?? '')[0]?.cause.message, 'boom');
    assert.equal(fetched, 1);
  });

  it('is fetched without a pause at the first failure where nobody listened at the start', async () => {
    let answer: Transport = () => Promise.reject(new Error('nobody listens'));
    const causes = causesWith(request => answer(request));
    causes.begin();
    answer = answered;
    const sealed = await Promise.all([causes.seal(thrown, TRACE), causes.seal(thrown, TRACE)]);
    for (const one of sealed) assert.ok(one);
  });

  it('comes late: the answer goes without a cause, and the next one has it without another fetch', async () => {
    let fetched = 0;
    const come = Promise.withResolvers<void>();
    const causes = causesWith(async request => {
      fetched++;
      await come.promise;
      return answered(request);
    });
    assert.equal(await causes.seal(thrown, TRACE), undefined);
    come.resolve();
    assert.ok(await causes.seal(thrown, TRACE));
    assert.equal(fetched, 1);
  });

  it('is fetched again after a pause where that failed, and no answer waits for it meanwhile', async () => {
    let now = 0;
    let fetched = 0;
    let answer: Transport = () => Promise.reject(new Error('nobody listens'));
    const causes = causesWith(
      request => {
        fetched++;
        return answer(request);
      },
      () => now,
    );
    assert.equal(await causes.seal(thrown, TRACE), undefined);
    assert.equal(await causes.seal(thrown, TRACE), undefined);
    assert.equal(fetched, 1);
    answer = answered;
    now += 1_000;
    assert.ok(await causes.seal(thrown, TRACE));
    assert.equal(fetched, 2);
  });

  const none: Record<string, Transport | undefined> = {
    'a process that knows no internal listener': undefined,
    'a platform of an earlier release': async () => ({ status: 404, headers: {}, body: Buffer.from('{}') }),
    'an answer that is no key': async () => ({ status: 200, headers: {}, body: Buffer.from('short') }),
  };
  for (const [name, transport] of Object.entries(none)) {
    it(`is not there for ${name}: then no cause is told`, async () => {
      assert.equal(await causesWith(transport).seal(thrown, TRACE), undefined);
    });
  }
});

describe('the first frame', () => {
  const own = new URL('../../sdk/kernel/answer.ts', import.meta.url).href;

  it('is that of the user, and neither ours nor a package', () => {
    const stack = [
      'Error: no',
      '    at JSON.parse (<anonymous>)',
      `    at answerHttp (${own}:1:2)`,
      '    at x (file:///app/node_modules/y/index.js:1:2)',
      '    at async handle (file:///app/my%20menu.ts:12:9)',
      '    at later (file:///app/other.ts:3:4)',
    ];
    assert.deepEqual(firstFrame(stack.join('\n')), { file: '/app/my menu.ts', line: 12, column: 9 });
  });

  it('is none where all of them are', () => assert.equal(firstFrame(`Error\n    at ${own}:1:2`), undefined));
});
