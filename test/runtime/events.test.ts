// Events over HTTP into functions: every content mode in, acknowledgements,
// answers and refusals out.
import assert from 'node:assert/strict';
import { HTTP, CloudEvent as OracleEvent } from 'cloudevents';
import { batch, type CloudEvent, event, problem } from 'tenfold';
import { runFunction, stopFunctions } from './running-function.ts';

const order = { id: '1', source: '/shop', type: 'OrderCreated', subject: 'order 7', data: { total: 4 } };

async function post(url: string, headers: Record<string, string>, body: string | undefined): Promise<Response> {
  return fetch(url, { method: 'POST', headers, ...(body === undefined ? {} : { body }) });
}

describe('an event function', () => {
  afterEach(stopFunctions);

  for (const mode of ['binary', 'structured'] as const) {
    it(`takes an event of the cloudevents package in ${mode} mode`, async () => {
      let got: CloudEvent | undefined;
      const { url } = await runFunction(
        event(received => {
          got = received;
        }),
      );
      const sent = HTTP[mode](new OracleEvent({ ...order, subject: 's', ext: 'x' }));
      const answer = await post(url, sent.headers as Record<string, string>, String(sent.body));
      assert.equal(answer.status, 204);
      const { time, ...rest } = got!;
      assert.ok(time);
      const expected = { ...order, subject: 's', ext: 'x', specversion: '1.0' };
      assert.deepEqual({ ...rest, datacontenttype: undefined }, { ...expected, datacontenttype: undefined });
    });
  }

  it('answers with an event in binary mode, which the cloudevents package reads', async () => {
    const { url } = await runFunction(event(({ data }) => ({ brewed: data })));
    const sent = HTTP.binary(new OracleEvent({ ...order, subject: 'a é' }));
    const headers = { ...(sent.headers as Record<string, string>), 'ce-subject': 'a%20%C3%A9' };
    const answer = await post(url, headers, String(sent.body));
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('ce-subject'), 'a%20%C3%A9');
    const read = HTTP.toEvent({
      headers: Object.fromEntries(answer.headers),
      body: await answer.text(),
    }) as OracleEvent<unknown>;
    assert.deepEqual(
      [read.type, read.source, read.data],
      ['OrderCreated.reply', '/functions/test', { brewed: { total: 4 } }],
    );
  });

  const refused: Array<[name: string, headers: Record<string, string>, body: string, status: number, detail: RegExp]> =
    [
      ['no event at all', { 'content-type': 'application/json' }, '{}', 400, /specversion is required/],
      ['broken data', { ...binaryHeaders(), 'content-type': 'application/json' }, '{', 400, /data is not valid JSON/],
      ['another format', { 'content-type': 'application/cloudevents+avro' }, 'x', 415, /avro/],
      ['a batch', { 'content-type': 'application/cloudevents-batch+json' }, '[]', 415, /one by one/],
    ];
  for (const [name, headers, body, status, detail] of refused) {
    it(`refuses ${name} with ${status}`, async () => {
      const { url, lines } = await runFunction(event(() => assert.fail('called')));
      const answer = await post(url, headers, body);
      assert.equal(answer.status, status);
      assert.match(((await answer.json()) as { detail: string }).detail, detail);
      assert.deepEqual(lines, []);
    });
  }

  it('refuses other methods with 405', async () => {
    const { url } = await runFunction(event(() => undefined));
    const answer = await fetch(url);
    assert.equal(answer.status, 405);
    assert.equal(answer.headers.get('allow'), 'POST');
  });

  it('gets an event without data, and the attempt', async () => {
    const seen: unknown[] = [];
    const { url } = await runFunction(
      event(({ data }, { attempt }) => {
        seen.push(data, attempt);
      }),
    );
    await post(url, { ...binaryHeaders(), 'tenfold-attempt': '4' }, undefined);
    assert.deepEqual(seen, [undefined, 4]);
  });
});

describe('a batch function', () => {
  afterEach(stopFunctions);

  const fn = batch<{ n: number }>(events =>
    events.map(({ data }) => (data.n === 2 ? problem(422, { detail: 'two' }) : undefined)),
  );
  const list = [1, 2, 3].map(n => ({ specversion: '1.0', id: `e${n}`, source: '/s', type: 't', data: { n } }));
  const headers = { 'content-type': 'application/cloudevents-batch+json' };

  it('answers 204 when every event is done', async () => {
    const { url } = await runFunction(fn);
    assert.equal((await post(url, headers, JSON.stringify([list[0]]))).status, 204);
    assert.equal((await post(url, headers, '[]')).status, 204);
  });

  it('answers 207 with one result for each event, in order', async () => {
    const { url } = await runFunction(fn);
    const answer = await post(url, headers, JSON.stringify(list));
    assert.equal(answer.status, 207);
    assert.equal(answer.headers.get('content-type'), 'application/json');
    const { results } = (await answer.json()) as {
      results: Array<{ id: string; status: number; error?: { detail: string } }>;
    };
    assert.deepEqual(
      results.map(({ id, status, error }) => [id, status, error?.detail]),
      [
        ['e1', 204, undefined],
        ['e2', 422, 'two'],
        ['e3', 204, undefined],
      ],
    );
  });

  it('answers 207 also when every event is done, where one has a result', async () => {
    const given = batch<{ n: number }>(events =>
      Promise.allSettled(events.map(async ({ data }) => (data.n === 2 ? undefined : { twice: 2 * data.n }))),
    );
    const { url } = await runFunction(given);
    const items = list.map((each, index) => ({ ...each, itemindex: String(index) }));
    const answer = await post(url, headers, JSON.stringify(items));
    assert.equal(answer.status, 207);
    assert.deepEqual(await answer.json(), {
      results: [
        { id: 'e1', status: 200, data: { twice: 2 } },
        { id: 'e2', status: 204 },
        { id: 'e3', status: 200, data: { twice: 6 } },
      ],
    });
  });

  it('answers a single event as an event function does', async () => {
    const { url } = await runFunction(fn);
    const one = { ...binaryHeaders(), 'content-type': 'application/json' };
    const answer = await post(url, one, '{"n":2}');
    assert.deepEqual([answer.status, ((await answer.json()) as { detail: string }).detail], [422, 'two']);
    assert.equal((await post(url, one, '{"n":1}')).status, 204);
  });

  it('refuses a batch with an invalid event, naming it', async () => {
    const { url } = await runFunction(fn);
    const answer = await post(url, headers, JSON.stringify([list[0], { ...list[1], id: '' }]));
    assert.equal(answer.status, 400);
    assert.match(await answer.text(), /event 2 of the batch: id must not be empty/);
  });
});

function binaryHeaders(): Record<string, string> {
  return { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/s', 'ce-type': 't' };
}
