// `tenfold invoke` against an internal listener made of values: what is sent, what is
// printed, and the exit codes.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { run } from '../../../cli/run.ts';
import { type FakeTerminal, fakeTerminal } from '../../fakes/fake-terminal.ts';

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

let listener: Server;
let url: string;
let seen: Seen[];
let answer: (response: ServerResponse) => void;

async function invoke(
  words: string[],
  more: Parameters<typeof fakeTerminal>[0] = {},
): Promise<FakeTerminal & { code: number }> {
  const terminal = fakeTerminal({ env: { TENFOLD_INTERNAL_URL: url, TENFOLD_INTERNAL_KEY: 'secret' }, ...more });
  const code = await run(['invoke', ...words], terminal);
  return Object.assign(terminal, { code });
}

function useListener(): void {
  beforeEach(async () => {
    seen = [];
    answer = response => response.end();
    listener = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      seen.push({ method: request.method, url: request.url, headers: request.headers, body });
      answer(response);
    });
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    url = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;
  });
  afterEach(() => {
    listener.close();
    listener.closeAllConnections();
  });
}

describe('invoke', () => {
  useListener();

  it('sends the request that the options say, with the key of the listener', async () => {
    const { code } = await invoke([
      'orders',
      '-X',
      'put',
      '-p',
      '/a',
      '-q',
      'x=1',
      '-H',
      'X-Tag: a',
      '-H',
      'X-Tag: b',
      '-d',
      '{"a":1}',
      '--timeout',
      '2s',
    ]);
    assert.equal(code, 0);
    const [request] = seen;
    assert.deepEqual([request?.method, request?.url, request?.body], ['PUT', '/functions/orders/a?x=1', '{"a":1}']);
    assert.equal(request?.headers['tenfold-key'], 'secret');
    assert.equal(request?.headers['tenfold-timeout-ms'], '2000');
    assert.equal(request?.headers['x-tag'], 'a, b');
    assert.equal(request?.headers['content-length'], '7');
  });

  it('sends a CloudEvent in binary mode', async () => {
    await invoke([
      'wall',
      '--event',
      '--type',
      'OrderCreated',
      '--id',
      '7',
      '--subject',
      'orders/7',
      '-d',
      '{"total":3}',
    ]);
    const { method, headers, body } = seen[0]!;
    assert.deepEqual(
      [method, headers['ce-type'], headers['ce-id'], headers['ce-subject'], headers['content-type'], body],
      ['POST', 'OrderCreated', '7', 'orders/7', 'application/json', '{"total":3}'],
    );
  });

  const statuses = [
    { status: 200, code: 0 },
    { status: 204, code: 0 },
    { status: 302, code: 0 },
    { status: 400, code: 4 },
    { status: 404, code: 4 },
    { status: 500, code: 5 },
    { status: 503, code: 5 },
  ];
  for (const { status, code } of statuses) {
    it(`ends with ${code} for ${status}`, async () => {
      answer = response => response.writeHead(status).end();
      const result = await invoke(['f']);
      assert.equal(result.code, code);
      assert.equal(result.stderr.includes(`The answer is ${status}`), code !== 0);
    });
  }

  const json =
    (text: string, type = 'application/json') =>
    (response: ServerResponse) =>
      response.setHeader('content-type', type).end(text);
  const bodies = [
    { name: 'JSON as it comes into a pipe', reply: json('{"a":1}'), interactive: false, shown: '{"a":1}' },
    { name: 'JSON laid out for a person', reply: json('{"a":1}'), interactive: true, shown: '{\n  "a": 1\n}\n' },
    {
      name: 'JSON of a vendor laid out for a person',
      reply: json('[]', 'application/vnd.x+json; charset=utf-8'),
      interactive: true,
      shown: '[]\n',
    },
    { name: 'broken JSON as it is', reply: json('{"a":'), interactive: true, shown: '{"a":\n' },
    {
      name: 'text with an end of line for a person',
      reply: json('hi', 'text/plain'),
      interactive: true,
      shown: 'hi\n',
    },
  ];
  for (const { name, reply, interactive, shown } of bodies) {
    it(`prints ${name}`, async () => {
      answer = reply;
      assert.equal((await invoke(['f'], { interactive })).stdout, shown);
    });
  }

  it('passes bytes through unchanged', async () => {
    const bytes = Buffer.from([0, 255, 10, 13, 128]);
    answer = response => response.setHeader('content-type', 'application/octet-stream').end(bytes);
    const chunks: Buffer[] = [];
    await invoke(['f'], { write: chunk => void chunks.push(Buffer.from(chunk)) });
    assert.deepEqual(Buffer.concat(chunks), bytes);
  });

  it('prints status and headers first when asked to', async () => {
    answer = response => response.writeHead(201, { 'x-id': '7' }).end('made');
    const { stdout } = await invoke(['f', '--include']);
    assert.match(stdout, /^HTTP\/1\.1 201 Created\nx-id: 7\n(.+: .+\n)*\nmade$/);
  });

  it('prints the problem document of a function', async () => {
    answer = response => response.writeHead(422, { 'content-type': 'application/problem+json' }).end('{"title":"No"}');
    const { code, stdout } = await invoke(['f']);
    assert.deepEqual([code, stdout], [4, '{"title":"No"}']);
  });

  it('ends with 3 when the listener knows no such function', async () => {
    const problem = { type: 'https://tenfold.dev/errors#unknown-function', detail: 'There is no function "f".' };
    answer = response =>
      response.writeHead(404, { 'content-type': 'application/problem+json' }).end(JSON.stringify(problem));
    const { code, stdout, stderr } = await invoke(['f']);
    assert.deepEqual([code, stdout], [3, '']);
    assert.equal(stderr, 'error: There is no function "f".\nNext: see the functions with "tenfold get functions".\n');
  });
});

describe('invoke, where no answer comes as it should', () => {
  useListener();

  it('waits no longer than it says', async () => {
    answer = () => {};
    const { code, stderr } = await invoke(['f', '--timeout', '1ms']);
    assert.equal(code, 5);
    assert.match(stderr, /"f" did not answer within 1ms/);
  });

  it('says so when the answer is cut off', async () => {
    answer = response => {
      response.writeHead(200, { 'content-length': '10' }).write('half');
      setImmediate(() => response.destroy());
    };
    const { code, stdout, stderr } = await invoke(['f']);
    assert.equal(code, 5);
    assert.equal(stdout, 'half');
    assert.match(stderr, /The answer of "f" was cut off/);
  });

  it('says so when the time is up in the middle of the answer', async () => {
    answer = response => response.writeHead(200).write('half');
    const { code, stdout, stderr } = await invoke(['f', '--timeout', '1ms']);
    assert.equal(code, 5);
    assert.equal(stdout, 'half');
    assert.match(stderr, /"f" did not answer within 1ms/);
  });

  it('says so when nobody listens', async () => {
    listener.close();
    await once(listener, 'close');
    const { code, stderr } = await invoke(['f']);
    assert.equal(code, 3);
    assert.match(stderr, /No platform answers at http:\/\/127\.0\.0\.1:\d+ \(.*ECONNREFUSED/);
  });

  const impossible = [
    { name: 'a header that HTTP does not allow', words: ['f', '-H', 'a b: c'] },
    { name: 'a header value with a control character', words: ['f', '-H', 'a: \u0007'] },
    { name: 'a method that HTTP does not allow', words: ['f', '-X', 'G T'] },
  ];
  for (const { name, words } of impossible) {
    it(`refuses ${name}`, async () => {
      const { code, stderr } = await invoke(words);
      assert.equal(code, 2);
      assert.match(stderr, /This request cannot be sent/);
      assert.equal(seen.length, 0);
    });
  }
});
