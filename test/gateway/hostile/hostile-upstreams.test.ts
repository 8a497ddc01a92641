// Upstreams that answer wrongly, endlessly, too early or never: the client gets 502, 504 or a
// cut, and nobody else notices.
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { eventually } from '../../eventually.ts';
import { startUpstream } from '../../fakes/echo-upstream.ts';
import { sendRaw } from '../../fakes/raw-http.ts';
import { assertKeptSince, keptBytes } from '../../kept-memory.ts';
import { openTestListener } from '../listeners/test-listener.ts';
import { startRawUpstream } from './raw-upstream.ts';

const OK = 'HTTP/1.1 200 OK\r\n';
const POISON = `${OK}Content-Length: 6\r\n\r\npoison`;
const TIMEOUT_MS = 400;

/** Says `first`, then the same over and over, for as long as the other side takes it. */
function flood(first: string, again: string): (socket: Socket) => void {
  const chunk = again.repeat(Math.ceil(16_384 / again.length));
  return socket => {
    const more = () => {
      if (socket.destroyed) return;
      if (socket.write(chunk)) setImmediate(more);
      else socket.once('drain', more);
    };
    socket.write(first);
    more();
  };
}

/** Says `first`, then one byte at a time. */
function drip(first: string): (socket: Socket) => void {
  return socket => {
    socket.write(first);
    const timer = setInterval(() => {
      if (socket.destroyed) clearInterval(timer);
      else socket.write('a');
    }, 20);
  };
}

interface Row {
  readonly answer: (socket: Socket) => void;
  /**
   * The statuses that are right; `cut` when the answer may begin but must
   * not end as if it were whole.
   */
  readonly right: readonly (number | 'cut')[];
}

const say = (text: string) => (socket: Socket) => void socket.write(text, 'latin1');
const end = (text: string) => (socket: Socket) => void socket.end(text, 'latin1');

const rows: Record<string, Row> = {
  'Content-Length and Transfer-Encoding together': {
    answer: say(`${OK}Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${POISON}`),
    right: [502, 'cut'],
  },
  'two Content-Lengths': { answer: say(`${OK}Content-Length: 2\r\nContent-Length: 3\r\n\r\nabc`), right: [502] },
  'a list as Content-Length': { answer: say(`${OK}Content-Length: 2, 2\r\n\r\nab`), right: [502] },
  'a Content-Length with a sign': { answer: say(`${OK}Content-Length: +2\r\n\r\nab`), right: [502] },
  'a transfer coding after chunked': {
    answer: end(`${OK}Transfer-Encoding: chunked, identity\r\n\r\n2\r\nab\r\n0\r\n\r\n`),
    right: [502, 'cut'],
  },
  'chunks whose size is no number': {
    answer: say(`${OK}Transfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n`),
    right: [502, 'cut'],
  },
  'a chunk size that no number holds': {
    answer: say(`${OK}Transfer-Encoding: chunked\r\n\r\n100000000000000000\r\nab\r\n`),
    right: [502, 'cut'],
  },
  'a flood of 1xx': {
    answer: flood('', 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'),
    right: [502, 504],
  },
  'a 100 that nobody asked for, and then silence': { answer: say('HTTP/1.1 100 Continue\r\n\r\n'), right: [502, 504] },
  'headers without end': { answer: flood(OK, 'X-A: b\r\n'), right: [502] },
  'one header without end': {
    answer: flood(`${OK}X-A: `, 'a'),
    right: [502],
  },
  'a header of 100 KiB': {
    answer: say(`${OK}X-A: ${'a'.repeat(102_400)}\r\nContent-Length: 2\r\n\r\nok`),
    right: [502],
  },
  'a status line without end': {
    answer: flood('HTTP/1.1 200 ', 'a'),
    right: [502, 504],
  },
  'a chunk extension without end': {
    answer: flood(`${OK}Transfer-Encoding: chunked\r\n\r\n1;`, 'a'),
    right: ['cut', 502],
  },
  'trailers without end': {
    answer: flood(`${OK}Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n`, 'X-A: b\r\n'),
    right: ['cut', 502],
  },
  'a body cut short': { answer: end(`${OK}Content-Length: 10\r\n\r\nhalf`), right: ['cut', 502] },
  'chunks cut short': { answer: end(`${OK}Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n`), right: ['cut', 502] },
  'a chunk cut short': { answer: end(`${OK}Transfer-Encoding: chunked\r\n\r\n9\r\nhalf`), right: ['cut', 502] },
  'half a head': { answer: end('HTTP/1.1 200 OK\r\nContent-Le'), right: [502] },
  'nothing but an end': { answer: end(''), right: [502] },
  'a status line that is none': { answer: say('HELO shop.example\r\n\r\n'), right: [502] },
  'a status that is no number': { answer: say('HTTP/1.1 abc OK\r\n\r\n'), right: [502] },
  'status 42': { answer: say('HTTP/1.1 42 No\r\nContent-Length: 0\r\n\r\n'), right: [502] },
  'status 999999': { answer: say('HTTP/1.1 999999 No\r\nContent-Length: 0\r\n\r\n'), right: [502] },
  'a 101 that nobody asked for': {
    answer: say(`HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n${POISON}`),
    right: [502],
  },
  'HTTP/0.9': { answer: end('<html>hello</html>'), right: [502] },
  'HTTP/2': { answer: end('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), right: [502] },
  'a NUL in a header': { answer: say(`${OK}X-A: a\0b\r\nContent-Length: 2\r\n\r\nok`), right: [502] },
  'a space before a colon': { answer: say(`${OK}Content-Length : 2\r\n\r\nok`), right: [502] },
  'half an answer, and then a reset': {
    answer: socket => void socket.write(`${OK}Content-Length: 10\r\n\r\nhalf`, () => socket.resetAndDestroy()),
    right: ['cut', 502],
  },
  'a reset': { answer: socket => void socket.resetAndDestroy(), right: [502] },
  silence: { answer: () => {}, right: [504] },
  'a head that drips': { answer: drip(`${OK}X-A: `), right: [504] },
  'a body that drips': {
    answer: drip(`${OK}Content-Length: 1000000\r\n\r\n`),
    right: ['cut'],
  },
};

describe('hostile upstreams', () => {
  const opened: { close(): Promise<void> }[] = [];
  const closing = <T extends { close(): Promise<void> }>(one: T): T => {
    opened.push(one);
    return one;
  };
  afterEach(async () => {
    for (const one of opened.splice(0).reverse()) await one.close();
  });

  const open = async (origin: string, timeoutMs = TIMEOUT_MS) => {
    const leases = { held: 0, released: 0 };
    const listener = closing(
      await openTestListener(origin, [
        {
          path: '/*',
          timeoutMs,
          before: [
            exchange => {
              exchange.response.idleMs = TIMEOUT_MS;
              leases.held++;
              exchange.hold(() => leases.released++);
            },
          ],
        },
      ]),
    );
    return { listener, leases };
  };

  for (const [name, { answer, right }] of Object.entries(rows)) {
    it(`${name}: the client gets ${right.join(' or ')}, and the connection is not used again`, async () => {
      const upstream = closing(
        await startRawUpstream((socket, { line }) => {
          if (line === 'GET /bad') answer(socket);
          else socket.write(`${OK}Content-Length: 4\r\n\r\ngood`);
        }),
      );
      const { listener, leases } = await open(upstream.origin);
      const before = keptBytes();
      const { status, text, cut } = await ask(`${listener.address}/bad`);
      assert.ok(right.includes(cut ? 'cut' : status), `${status}${cut ? ', cut' : `: ${text}`}`);
      assert.doesNotMatch(text, /poison|127\.0\.0\.1/);
      await eventually(() => upstream.sockets[0]?.destroyed === true, 'the connection to the upstream is closed');
      assert.deepEqual(leases, { held: 1, released: 1 });
      await assertKeptSince(before, 16e6);

      const next = await ask(`${listener.address}/good`);
      assert.deepEqual([next.status, next.text], [200, 'good']);
      assert.deepEqual(
        upstream.requests.map(({ connection, line }) => [connection, line]),
        [
          [0, 'GET /bad'],
          [1, 'GET /good'],
        ],
      );
    });
  }

  it('an answer that nobody asked for behind a right one: it goes to nobody', async () => {
    const upstream = closing(
      await startRawUpstream((socket, { line }) => {
        const body = line.slice('GET /'.length);
        socket.write(`${OK}Content-Length: ${body.length}\r\n\r\n${body}`);
        if (line === 'GET /first') socket.write(POISON);
      }),
    );
    const { listener } = await open(upstream.origin);
    assert.equal((await ask(`${listener.address}/first`)).text, 'first');
    for (const name of ['second', 'third']) assert.equal((await ask(`${listener.address}/${name}`)).text, name);
    assert.deepEqual(
      upstream.requests.map(({ connection }) => connection),
      [0, 1, 1],
    );
  });

  it('22 an answer before the body is read: it goes to the client, the rest is no request, and the connection to the upstream is not used again', async () => {
    const upstream = closing(
      await startRawUpstream((socket, { line }) => {
        const status = line.startsWith('POST') ? '403 Forbidden' : '200 OK';
        socket.write(`HTTP/1.1 ${status}\r\nContent-Length: 2\r\n\r\nno`);
      }),
    );
    const { listener, leases } = await open(upstream.origin, 5000);
    const head = 'POST /early HTTP/1.1\r\nHost: a.example\r\nContent-Length: 100\r\n\r\n';
    const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: a.example\r\n\r\n';
    const answer = await sendRaw(listener.address, `${head}${smuggled}`, 500);
    assert.deepEqual(answer.statuses, [403]);
    await eventually(() => upstream.sockets[0]?.destroyed === true, 'the upstream’s connection is closed');
    assert.deepEqual(leases, { held: 1, released: 1 });
    assert.equal((await ask(`${listener.address}/after`)).status, 200);
    assert.equal(upstream.requests.at(-1)?.connection, 1);
  });

  it('serves others while an upstream floods, drips and stays silent', async () => {
    const good = closing(await startUpstream());
    const bad = closing(
      await startRawUpstream((socket, { line }) => {
        rows[decodeURIComponent(line.slice('GET /'.length))]?.answer(socket);
      }),
    );
    const { listener } = await open(good.origin);
    const { listener: hostile } = await open(bad.origin, 60_000);
    const before = keptBytes();
    const floods = ['a flood of 1xx', 'a chunk extension without end', 'a status line without end', 'silence'];
    const running = floods.map(name => ask(`${hostile.address}/${encodeURIComponent(name)}`));
    await eventually(() => bad.requests.length === floods.length, 'all of them run');
    for (let count = 0; count < 20; count++) {
      const began = performance.now();
      assert.equal((await ask(`${listener.address}/ok`)).status, 200);
      assert.ok(performance.now() - began < 20_000, 'it waits for none of them');
    }
    for (const socket of bad.sockets) socket.destroy();
    await Promise.all(running);
    await assertKeptSince(before, 16e6);
  });
});

/** `cut` means that the connection ended before the answer did, or before it began. */
async function ask(address: string) {
  let status = 0;
  try {
    const answer = await fetch(address);
    status = answer.status;
    return { status, text: await answer.text(), cut: false };
  } catch {
    return { status, text: '', cut: true };
  }
}
