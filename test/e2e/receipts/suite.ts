// What the Function of functions/receipts does in each language, wherever it runs: behind a
// platform and asked directly, with batches, failures, pauses that it asks for, and its end.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Platform, startPlatform } from '../../../server/platform.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';
import { eventually } from '../../eventually.ts';
import { root } from '../platform-process.ts';
import { eventHeaders, type Line, order, type Program } from './program.ts';

export const SAMPLE = join(root, 'functions/receipts');
export const LANGUAGES = ['python', 'go', 'java'] as const;
export type Language = (typeof LANGUAGES)[number];

const BATCH = 'application/cloudevents-batch+json';
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

/**
 * Tests of each language. The last one ends the program that `start` has started. `testMore`
 * defines further tests, before that one.
 */
export function describeReceipts(
  start: (language: Language) => Promise<Program>,
  testMore: (language: Language, program: () => Program) => void = () => {},
): void {
  const programs = new Map<Language, Program>();
  let platform: Platform;

  before(async () => {
    const started = LANGUAGES.map(async name => {
      programs.set(name, await start(name));
    });
    await Promise.all(started);
    let functions = readFileSync(join(SAMPLE, 'laptop/functions.yaml'), 'utf8');
    for (const name of LANGUAGES) functions = functions.replace(addressOf(name), `$1${programOf(name).url}`);
    const app = readFileSync(join(SAMPLE, 'laptop/app.yaml'), 'utf8');
    const directory = tempFolder({ 'app.yaml': app, 'functions.yaml': functions });
    const ports = { public: 0, internal: 0, admin: 0 };
    platform = await startPlatform({ directory, watch: false, host: '127.0.0.1', ports, events: {} });
    await eventually(() => platform.view.readiness().ready, 'the platform is ready');
    await publishOrders();
  });
  after(async () => {
    await platform?.close(1000);
    for (const program of programs.values()) await program.kill();
    removeTempFolders();
  });

  const programOf = (name: Language) => programs.get(name) ?? assert.fail(name);
  const publishOrders = async () => {
    const events = [
      ['o-1', {}],
      ['o-2', { paid: false }],
      ['o-3', {}],
      ['o-4', { totalCents: -1 }],
    ].map(([id, more]) => ({
      ...{ specversion: '1.0', id, source: '/till', type: 'OrderCreated' },
      data: JSON.parse(order(String(id), Object(more))),
    }));
    const answer = await fetch(`${platform.addresses.public}/orders`, {
      method: 'POST',
      headers: { 'content-type': BATCH },
      body: JSON.stringify(events),
    });
    assert.equal(answer.status, 204, await answer.text());
  };
  const sendJob = async (name: string, id: string, wait: boolean, more: Readonly<Record<string, string>> = {}) => {
    const headers = { ...eventHeaders(id), ...more, ...(wait ? { prefer: 'wait=60' } : {}) };
    const answer = await fetch(`${platform.addresses.public}/receipts/${name}`, {
      method: 'POST',
      headers,
      body: order(id),
    });
    const body = (await answer.json()) as { receipt?: number };
    return { status: answer.status, location: answer.headers.get('location'), body };
  };
  const linesOf = (name: Language, kind: string): Line[] =>
    programOf(name)
      .lines()
      .filter(({ consumer }) => consumer === `${kind}/default/receipts-${name}`);

  for (const name of LANGUAGES) {
    describe(`in ${name}`, () => {
      it('gets a batch, and the event that fails is tried again alone, until it is a dead letter', async () => {
        const consumer = { kind: 'Subscription', namespace: 'default', name: `receipts-${name}` } as const;
        const letters = async () => (await platform.view.events.deadLetters({ consumer, limit: 10 })).items;
        await eventually(async () => (await letters()).length === 2, 'two events were given up');
        assert.deepEqual(
          (await letters())
            .map(({ key, reason, attempts, status, error }) => [key, reason, attempts, status, error])
            .sort(),
          [
            ['o-2', 'exhausted', 2, 425, 'The order o-2 is not paid yet.'],
            ['o-4', 'refused', 1, 422, 'totalCents is no whole number from 0 on.'],
          ],
        );
        const calls = linesOf(name, 'Subscription').filter(({ status }) => status === 207);
        const first = calls.filter(({ attempt }) => attempt === '1');
        assert.ok(first.length < 4, 'events come together');
        assert.equal(
          first.reduce((sum, { events = 0 }) => sum + events, 0),
          4,
        );
        assert.deepEqual(
          calls.filter(({ attempt }) => attempt === '2').map(({ events }) => events),
          [1],
        );
        assert.match(String(first[0]?.trace), /^[0-9a-f]{32}$/);
      });

      it('gives an order a receipt that is redriven with other data, as a first attempt', async () => {
        const consumer = { kind: 'Subscription', namespace: 'default', name: `receipts-${name}` } as const;
        const { items } = await platform.view.events.deadLetters({ consumer, key: 'o-2', limit: 10 });
        const ids = items.map(({ id }) => id);
        assert.equal(ids.length, 1);
        const command = { action: 'redrive', consumer, ids, edit: { text: order('o-2') } } as const;
        await platform.view.events.command(command, () => {}, new AbortController().signal);
        const isReceipt = ({ attempt, status, events }: Line) => attempt === '1' && status === 207 && events === 1;
        const seen = linesOf(name, 'Subscription').filter(isReceipt).length;
        await platform.view.events.command(command, () => {}, new AbortController().signal);
        const isTaken = () => linesOf(name, 'Subscription').filter(isReceipt).length > seen;
        await eventually(isTaken, 'the order comes as if for the first time');
        const left = async () => (await platform.view.events.deadLetters({ consumer, limit: 10 })).items;
        const isDone = async () => (await left()).every(({ key }) => key === 'o-4');
        await eventually(isDone, 'the order is no dead letter');
      });

      it('does a job, and gives the same receipt to an event that comes twice', async () => {
        const traceparent = `00-${TRACE}-00f067aa0ba902b7-01`;
        const done = await sendJob(name, 'job-1', true, { traceparent });
        assert.equal(done.status, 200);
        assert.partialDeepStrictEqual(done.body, { orderId: 'job-1', totalCents: 1250 });
        assert.deepEqual((await sendJob(name, 'job-1', true)).body, done.body);
        const other = (await sendJob(name, 'job-2', true)).body;
        assert.notEqual(other.receipt, done.body.receipt);
        assert.ok(linesOf(name, 'Queue').some(({ trace, status }) => trace === TRACE && status === 200));
      });

      it('asks for a pause while it is busy, which is no attempt', async () => {
        const held = await programOf(name).hold();
        const { location } = await sendJob(name, 'job-3', false);
        await eventually(() => linesOf(name, 'Queue').some(({ status }) => status === 503), 'the job was refused');
        const second = await programOf(name).startHalf();
        await eventually(() => second.answer().includes(' 503 '), 'it refuses before it has the whole body');
        second.end();
        assert.match(await held.finish(), /^HTTP\/1\.1 200 /);
        const ended = await fetch(`${platform.addresses.public}${location}?wait=60`);
        const job = (await ended.json()) as { state: string; attempts: number };
        assert.deepEqual([job.state, job.attempts], ['succeeded', 1]);
        const { attempt, status } = linesOf(name, 'Queue').at(-1) ?? assert.fail('no call');
        assert.deepEqual([attempt, status], ['1', 200]);
      });

      testRequests(() => programOf(name));
      testMore(name, () => programOf(name));

      it('ends when it is told to, after the request that it works on', async () => {
        const program = programOf(name);
        const held = await program.hold();
        const told = program.terminate();
        await eventually(() => program.lines().some(({ message }) => message === 'ending'), 'it ends');
        assert.match(await held.finish(), /^HTTP\/1\.1 200 /);
        assert.equal(await program.ended, 0);
        await told;
      });
    });
  }
}

/** Requests that no platform makes. */
function testRequests(program: () => Program): void {
  it('refuses what is no event, and what is too large', async () => {
    const { post, url } = program();
    const statusOf = async (body: string, headers: Readonly<Record<string, string>>) => {
      const answer = await post(body, headers);
      const type = answer.headers.get('content-type');
      assert.equal(type, 'application/problem+json', `${answer.status} ${await answer.text()}`);
      return answer.status;
    };
    const event = eventHeaders('e');
    const { 'ce-id': _, ...withoutId } = event;
    assert.equal(await statusOf('{}', { ...event, 'content-type': 'text/plain' }), 415);
    assert.equal(await statusOf('{', event), 400);
    assert.equal(await statusOf(`${'['.repeat(100_000)}`, event), 400);
    assert.equal(await statusOf(order('x'), withoutId), 400);
    assert.equal(await statusOf('{}', event), 422);
    assert.equal(await statusOf(order('x', { totalCents: 1.5 }), event), 422);
    assert.equal(await statusOf('{}', { 'content-type': BATCH }), 400);
    // It may close the connection before all of the body is sent.
    assert.equal(await statusOf(' '.repeat(2 * 1024 * 1024 + 1), event).catch(() => 413), 413);
    assert.equal((await fetch(`${url}/other`, { method: 'POST', headers: event, body: '{}' })).status, 404);
    assert.equal((await fetch(`${url}/healthz`)).status, 200);
    assert.equal((await fetch(`${url}/readyz`)).status, 200);
  });

  it('answers for each event of a batch in its place', async () => {
    const make = (id: string, data?: unknown) => ({ specversion: '1.0', id, source: '/b', type: 't', data });
    const text = 'Zoë "\\\u2028\n';
    const events = [make('b-1', { orderId: text, totalCents: 0, extra: [1e3, null, true] }), 'none', make('b-3')];
    const answer = await program().post(JSON.stringify(events), { 'content-type': BATCH });
    assert.equal(answer.status, 207);
    const { results } = (await answer.json()) as { results: { id?: string; status: number; data?: object }[] };
    assert.deepEqual(
      results.map(({ id, status }) => [id, status]),
      [
        ['b-1', 200],
        [undefined, 400],
        ['b-3', 422],
      ],
    );
    assert.partialDeepStrictEqual(results[0]?.data, { orderId: text, totalCents: 0 });
  });
}

/** Its address in laptop/functions.yaml. */
function addressOf(name: string): RegExp {
  return new RegExp(`(name: receipts-${name} \\}\\nspec: \\{ url: ")[^"]+`);
}
