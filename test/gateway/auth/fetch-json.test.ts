// What an issuer may answer with when it is asked for its keys, and what it may not.
import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { realWorld } from '../../../core/world.ts';
import { createFetchJson } from '../../../gateway/auth/fetch-json.ts';
import { findKeyAddress } from '../../../gateway/auth/find-key-address.ts';
import { createAddressCheck } from '../../../gateway/transport/address-policy.ts';
import { createTransport } from '../../../gateway/transport/create-transport.ts';
import { startUpstream } from '../../fakes/echo-upstream.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';

describe('fetching the keys of an issuer', () => {
  const transport = createTransport({
    checkAddress: createAddressCheck({ allowLoopback: true }),
    connectTimeoutMs: 1000,
  });
  after(() => transport.destroy());
  const never = new AbortController().signal;

  const answers: Record<string, [(request: IncomingMessage, response: ServerResponse) => void, RegExp]> = {
    'what is not JSON': [(_, response) => response.end('<html>'), /is not JSON/],
    'another status': [(_, response) => response.writeHead(404).end('{}'), /status 404/],
    'a redirect': [(_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1' }).end(), /status 302/],
    'more than 256 KiB': [(_, response) => response.end(`"${'x'.repeat(300_000)}"`), /larger than 262144 bytes/],
    'half an answer': [
      (_, response) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('{');
        setTimeout(() => response.destroy(), 10);
      },
      /without a complete answer/,
    ],
  };
  for (const [name, [answer, message]] of Object.entries(answers)) {
    it(`refuses ${name}`, async () => {
      const upstream = await startUpstream(answer);
      await assert.rejects(createFetchJson(realWorld, transport, 'default')(`${upstream.origin}/keys`, never), message);
      await upstream.close();
    });
  }

  it('gives up after five seconds, and cuts the connection', async () => {
    const upstream = await startUpstream(() => {});
    const world = createFakeWorld();
    const fetching = assert.rejects(createFetchJson(world, transport, 'default')(`${upstream.origin}/keys`, never), {
      code: 'timeout',
    });
    await world.pass(5000);
    await fetching;
    await upstream.close();
  });

  it('asks no address that the platform may not connect to', async () => {
    const fetching = createFetchJson(realWorld, transport, 'default')('http://169.254.169.254/keys', never);
    await assert.rejects(fetching, /may not connect to/);
  });

  it('says for which namespace it asks', async () => {
    const upstream = await startUpstream(({ headers }, response) =>
      response.end(JSON.stringify(headers['tenfold-namespace'])),
    );
    assert.equal(await createFetchJson(realWorld, transport, 'shop')(upstream.origin, never), 'shop');
    await upstream.close();
  });

  it('keeps the query of an address', async () => {
    const upstream = await startUpstream((request, response) => response.end(JSON.stringify(request.url)));
    assert.equal(
      await createFetchJson(realWorld, transport, 'default')(`${upstream.origin}/keys?p=1`, never),
      '/keys?p=1',
    );
    await upstream.close();
  });
});

describe('findKeyAddress', () => {
  const ISSUER = 'https://login.example.com/tenant/';
  const rows: Record<string, [unknown, string | RegExp]> = {
    'the address that is named': [
      { issuer: ISSUER, jwks_uri: 'https://keys.example.com/k?p=1' },
      'https://keys.example.com/k?p=1',
    ],
    'no document of another issuer': [
      { issuer: 'https://login.example.com/tenant', jwks_uri: 'https://k.example' },
      /of another issuer/,
    ],
    'no document without an address': [{ issuer: ISSUER }, /names no jwks_uri/],
    'no address that is less safe than the issuer': [
      { issuer: ISSUER, jwks_uri: 'http://keys.example.com' },
      /is not https/,
    ],
    'no file': [{ issuer: ISSUER, jwks_uri: 'file:///etc/passwd' }, /is not https/],
    'no text in place of a document': ['https://keys.example.com', /is no JSON object/],
  };
  for (const [name, [document, expected]] of Object.entries(rows)) {
    it(`takes ${name}`, async () => {
      const asked: string[] = [];
      const fetchJson = async (url: string) => {
        asked.push(url);
        return document;
      };
      const finding = findKeyAddress(ISSUER, fetchJson, new AbortController().signal);
      if (typeof expected === 'string') assert.equal(await finding, expected);
      else await assert.rejects(finding, expected);
      assert.deepEqual(asked, ['https://login.example.com/tenant/.well-known/openid-configuration']);
    });
  }
});
