// The same Function in each language of functions/receipts, behind a platform: batches, failures
// of single events, pauses that it asks for, and its end.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { validateDirectory } from '../../../resources/validate.ts';
import { type Platform, startPlatform } from '../../../server/platform.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';
import { buildGo } from '../../cluster/go-binary.ts';
import { eventually } from '../../eventually.ts';
import { findJava } from '../../services/find-java.ts';
import { root } from '../platform-process.ts';
import { eventHeaders, type Line, order, type Program, startProgram } from './program.ts';

const sample = join(root, 'functions/receipts');
const BATCH = 'application/cloudevents-batch+json';
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

/** It computes less to begin with, and no more is done with it here. */
const QUICK = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx128m'];

/** The command that starts it, by language. */
const languages: Readonly<Record<string, () => Promise<readonly string[]>>> = {
  python: async () => ['python3', '-I', join(sample, 'python/receipts.py')],
  go: async () => [await buildGo('../../functions/receipts/go', '', '.', 'receipts')],
  java: async () => [findJava(17), ...QUICK, join(sample, 'java/Receipts.java')],
};
const names = Object.keys(languages);

describe('a Function in another language', () => {
  const programs = new Map<string, Program>();
  let platform: Platform;

  before(async () => {
    const started = names.map(async name => {
      programs.set(name, await startProgram((await languages[name]?.()) ?? []));
    });
    await Promise.all(started);
    let functions = readFileSync(join(sample, 'laptop/functions.yaml'), 'utf8');
    for (const name of names) functions = functions.replace(addressOf(name), `$1${programOf(name).url}`);
    const app = readFileSync(join(sample, 'laptop/app.yaml'), 'utf8');
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

  const programOf = (name: string) => programs.get(name) ?? assert.fail(name);
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
  const linesOf = (name: string, kind: string): Line[] =>
    programOf(name)
      .lines()
      .filter(({ consumer }) => consumer === `${kind}/default/receipts-${name}`);

  for (const name of names) {
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
        assert.match(await held.finish(), /^HTTP\/1\.1 200 /);
        const ended = await fetch(`${platform.addresses.public}${location}?wait=60`);
        const job = (await ended.json()) as { state: string; attempts: number };
        assert.deepEqual([job.state, job.attempts], ['succeeded', 1]);
        const { attempt, status } = linesOf(name, 'Queue').at(-1) ?? assert.fail('no call');
        assert.deepEqual([attempt, status], ['1', 200]);
      });

      testRequests(() => programOf(name));

      it('ends when it is told to, after the request that it works on', async () => {
        const program = programOf(name);
        const held = await program.hold();
        program.terminate();
        await eventually(() => program.lines().some(({ message }) => message === 'ending'), 'it ends');
        assert.match(await held.finish(), /^HTTP\/1\.1 200 /);
        assert.equal(await program.ended, 0);
      });
    });
  }
});

describe('the sample of a Function in other languages', () => {
  afterEach(removeTempFolders);

  it('is declared for a cluster as well, with an image of a pinned base that runs as nobody', async () => {
    const files = ['laptop/app.yaml', 'cluster/functions.yaml'];
    const texts = files.map(file => [file.replace('/', '-'), readFileSync(join(sample, file), 'utf8')]);
    const { problems } = await validateDirectory(tempFolder(Object.fromEntries(texts)));
    assert.deepEqual(problems, []);
    for (const name of names) {
      const lines = readFileSync(join(sample, name, 'Dockerfile'), 'utf8').split('\n');
      const bases = lines.filter(line => line.startsWith('FROM ') && line !== 'FROM scratch');
      assert.ok(bases.length > 0);
      for (const base of bases) assert.match(base, /^FROM [a-z-]+:\d+\.\d+\.\d+\S*( AS build)?$/);
      assert.ok(lines.includes('USER 65532'));
      const copied = lines.flatMap(line => /^COPY (?!--from)(.+) \S+$/.exec(line)?.[1]?.split(' ') ?? []);
      assert.ok(copied.length > 0);
      for (const file of copied) assert.ok(existsSync(join(sample, name, file)), file);
    }
  });
});

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
