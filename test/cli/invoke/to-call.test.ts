// The request that the options of `tenfold invoke` mean.
import assert from 'node:assert/strict';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type InvokeOptions, toCall } from '../../../cli/invoke/to-call.ts';
import { fakeTerminal } from '../../fakes/fake-terminal.ts';

const nothing: InvokeOptions = { path: '/', query: [], header: [], source: '/tenfold/cli' };

describe('invoke, request', () => {
  const paths = [
    { name: 'nothing', options: {}, path: '/functions/orders' },
    { name: 'a path', options: { path: '/a/b' }, path: '/functions/orders/a/b' },
    { name: 'a path without its slash', options: { path: 'a' }, path: '/functions/orders/a' },
    { name: 'a path with an encoded slash', options: { path: '/a%2Fb' }, path: '/functions/orders/a%2Fb' },
    { name: 'a path that ends in a slash', options: { path: '/a/' }, path: '/functions/orders/a/' },
    { name: 'a path with a query', options: { path: '/a?x=1?2' }, path: '/functions/orders/a?x=1?2' },
    {
      name: 'query parameters',
      options: { query: ['q=a b', 'q=&', 'e='] },
      path: '/functions/orders?q=a%20b&q=%26&e=',
    },
    { name: 'both', options: { path: '/?x=1', query: ['y=2'] }, path: '/functions/orders?x=1&y=2' },
  ];
  for (const { name, options, path } of paths) {
    it(`${name} is asked for as ${path}`, async () => {
      assert.equal((await toCall('orders', { ...nothing, ...options }, fakeTerminal())).path, path);
    });
  }

  it('is GET without data and POST with it, unless it says otherwise', async () => {
    const method = async (options: Partial<InvokeOptions>) =>
      (await toCall('f', { ...nothing, ...options }, fakeTerminal())).method;
    assert.equal(await method({}), 'GET');
    assert.equal(await method({ data: '1' }), 'POST');
    assert.equal(await method({ event: true, type: 'T' }), 'POST');
    assert.equal(await method({ method: 'put', data: '1' }), 'PUT');
  });

  it('data is JSON when it looks like it, text when not, and what the header says above all', async () => {
    const type = async (data: string, header: string[] = []) =>
      (await toCall('f', { ...nothing, data, header }, fakeTerminal())).headers.filter(
        ([name]) => name.toLowerCase() === 'content-type',
      );
    assert.deepEqual(await type('{"a":1}'), [['content-type', 'application/json']]);
    assert.deepEqual(await type('hello'), [['content-type', 'text/plain; charset=utf-8']]);
    assert.deepEqual(await type('{}', ['Content-Type: text/csv']), [['Content-Type', 'text/csv']]);
  });

  it('data may come from a file or standard input', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tenfold-'));
    await writeFile(join(folder, 'data.bin'), Buffer.from([0, 255]));
    const fromFile = await toCall('f', { ...nothing, data: '@data.bin' }, fakeTerminal({ cwd: folder }));
    assert.deepEqual(fromFile.body, Buffer.from([0, 255]));
    const stdin = (async function* () {
      yield 'he';
      yield Buffer.from('llo');
    })();
    assert.equal((await toCall('f', { ...nothing, data: '-' }, fakeTerminal({ stdin }))).body?.toString(), 'hello');
    await assert.rejects(
      toCall('f', { ...nothing, data: '@none' }, fakeTerminal({ cwd: folder })),
      /none cannot be read/,
    );
  });

  it('an event has the attributes of the binary mode, percent-encoded as the HTTP binding wants', async () => {
    const call = await toCall(
      'f',
      { ...nothing, type: 'OrderCreated', id: '7', subject: 'Euro € 😀 "100%"' },
      fakeTerminal(),
    );
    const headers = new Map(call.headers);
    assert.equal(headers.get('ce-specversion'), '1.0');
    assert.equal(headers.get('ce-type'), 'OrderCreated');
    assert.equal(headers.get('ce-id'), '7');
    assert.equal(headers.get('ce-source'), '/tenfold/cli');
    assert.equal(headers.get('ce-subject'), 'Euro%20%E2%82%AC%20%F0%9F%98%80%20%22100%25%22');
    assert.ok(!Number.isNaN(Date.parse(headers.get('ce-time') ?? '')));
  });

  it('carries how long it waits', async () => {
    assert.equal(
      new Map((await toCall('f', { ...nothing, timeout: 1500 }, fakeTerminal())).headers).get('tenfold-timeout-ms'),
      '1500',
    );
  });

  const wrong = [
    { name: 'an event without type', options: { event: true as const }, message: /add --type/ },
    { name: 'a header without colon', options: { header: ['accept'] }, message: /is no header/ },
    { name: 'a query parameter without value', options: { query: ['limit'] }, message: /is no query parameter/ },
    { name: 'a path with a blank', options: { path: '/a b' }, message: /percent-encode/ },
    { name: 'a path with a line end', options: { path: '/a\r\nx: y' }, message: /percent-encode/ },
  ];
  for (const { name, options, message } of wrong) {
    it(`refuses ${name}`, () => assert.rejects(toCall('f', { ...nothing, ...options }, fakeTerminal()), message));
  }
});
