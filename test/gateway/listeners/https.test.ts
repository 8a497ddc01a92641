// The public listener with a certificate: HTTPS and nothing else, renewed while it serves.
import assert from 'node:assert/strict';
import { get as httpGet, type IncomingMessage } from 'node:http';
import { Agent, get } from 'node:https';
import { connect as connectPlain } from 'node:net';
import { text } from 'node:stream/consumers';
import { connect, type TLSSocket } from 'node:tls';
import { causeInWords } from '../../../gateway/exchange/reason-of.ts';
import { eventually } from '../../eventually.ts';
import { startUpstream } from '../../fakes/echo-upstream.ts';
import { first, second, type TestCertificate } from '../../fixtures/tls/certificates.ts';
import { openTestListener } from './test-listener.ts';

interface Answer {
  readonly status: number | undefined;
  readonly body: string;
  /** Organisation that the server's certificate names. */
  readonly organisation: string | undefined;
}

describe('a public listener with a certificate', () => {
  let upstream: Awaited<ReturnType<typeof startUpstream>>;
  let listener: Awaited<ReturnType<typeof openTestListener>>;
  const agents: Agent[] = [];

  beforeEach(async () => {
    upstream = await startUpstream();
    listener = await openTestListener(upstream.origin, [{ path: '/*' }], first);
  });
  afterEach(async () => {
    for (const agent of agents.splice(0)) agent.destroy();
    await listener.close();
    await upstream.close();
  });

  function trusting(certificate: TestCertificate): Agent {
    const agent = new Agent({ ca: certificate.cert, keepAlive: true });
    agents.push(agent);
    return agent;
  }

  function ask(agent: Agent): Promise<Answer> {
    return new Promise((resolve, reject) => {
      get(`${listener.address}/x`, { agent }, response => {
        const { subject } = (response.socket as TLSSocket).getPeerCertificate();
        let body = '';
        response.setEncoding('utf8').on('data', text => {
          body += text;
        });
        response.on('end', () => resolve({ status: response.statusCode, body, organisation: String(subject.O) }));
      }).on('error', reject);
    });
  }

  it('serves HTTPS at an https address, and tells the target so', async () => {
    assert.match(listener.address, /^https:\/\/127\.0\.0\.1:\d+$/);
    const { status, body, organisation } = await ask(trusting(first));
    assert.deepEqual([status, organisation], [200, 'first']);
    const raw: string[] = JSON.parse(body).rawHeaders;
    assert.equal(raw[raw.indexOf('x-forwarded-proto') + 1], 'https');
  });

  it('tells which handshakes failed, and why', async () => {
    const plain = connectPlain(Number(new URL(listener.address).port), '127.0.0.1');
    plain.on('error', () => {});
    plain.write('GET / HTTP/1.1\r\nHost: a.example\r\n\r\n');
    await eventually(() => listener.answered.length === 1, 'it is told');
    const [told] = listener.answered;
    assert.deepEqual([told?.status, told?.reason, told?.client], [0, 'client.tls', '127.0.0.1']);
    assert.match(causeInWords(told?.failure), /http request|wrong version number/i);
    await ask(trusting(first));
  });

  it('gives new connections a renewed certificate, and keeps those that are open', async () => {
    const before = trusting(first);
    assert.equal((await ask(before)).organisation, 'first');
    listener.renew(second);
    assert.equal((await ask(before)).status, 200);
    assert.equal((await ask(trusting(second))).organisation, 'second');
    await assert.rejects(ask(trusting(first)), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  });

  it('keeps its certificate when the renewed one does not belong to its key', async () => {
    assert.throws(() => listener.renew({ cert: second.cert, key: first.key }), /key values mismatch/);
    assert.equal((await ask(trusting(first))).organisation, 'first');
  });

  it('answers no plain HTTP', async () => {
    const plain = new Promise((resolve, reject) => {
      httpGet(listener.address.replace('https', 'http'), resolve).on('error', reject);
    });
    await assert.rejects(plain);
    assert.equal(upstream.seen.length, 0);
    assert.equal((await ask(trusting(first))).status, 200);
  });

  it('refuses versions of TLS before 1.2', async () => {
    const { hostname, port } = new URL(listener.address);
    const old = new Promise((resolve, reject) => {
      const options = { host: hostname, port: Number(port), ca: first.cert, ciphers: 'DEFAULT@SECLEVEL=0' };
      connect({ ...options, minVersion: 'TLSv1', maxVersion: 'TLSv1.1' }, () => resolve(undefined)).on('error', reject);
    });
    await assert.rejects(old, /protocol version|unsupported protocol/);
  });

  it('lets an answer in flight end when it closes, and takes no new connection', async () => {
    const slow = await startUpstream((_request, response) => {
      response.writeHead(200, { 'content-length': 2 });
      response.write('a');
      setTimeout(() => response.end('b'), 100);
    });
    const other = await openTestListener(slow.origin, [{ path: '/*' }], first);
    const url = `${other.address}/x`;
    const { response, body } = await new Promise<{ response: IncomingMessage; body: Promise<string> }>(
      (resolve, reject) => {
        get(url, { agent: trusting(first) }, answer => resolve({ response: answer, body: text(answer) })).on(
          'error',
          reject,
        );
      },
    );
    const closed = other.close(5000);
    await assert.rejects(
      new Promise((resolve, reject) => get(url, { agent: trusting(first) }, resolve).on('error', reject)),
      {
        code: 'ECONNREFUSED',
      },
    );
    assert.deepEqual([response.statusCode, await body], [200, 'ab']);
    await closed;
    await slow.close();
  });
});
