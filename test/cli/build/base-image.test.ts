// What is said of a base image that cannot be had, whatever is in the way.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openBase } from '../../../cli/build/base-image.ts';
import { CommandError } from '../../../cli/command-error.ts';
import { hintFor } from '../../../cli/hints.ts';
import { realWorld } from '../../../core/world.ts';
import { parseReference } from '../../../images/registry/reference.ts';
import { createRegistryClient } from '../../../images/registry/registry-client.ts';

const open = async (reference: string) => {
  const { signal } = new AbortController();
  const settings = { world: realWorld, pause: async () => {}, signal, credentials: undefined, insecure: false };
  return createRegistryClient(parseReference(reference), 'pull', settings);
};

/** What is said of an image at `host`. */
async function saidOf(host: string): Promise<string> {
  const error: unknown = await openBase(`${host}/function:1`, '/', [], open).catch(found => found);
  assert.ok(error instanceof CommandError);
  assert.equal(error.code, 'no-base-image');
  assert.match(hintFor(error) ?? '', /--base/);
  return error.message;
}

describe('A base image that cannot be read', () => {
  it('is told of where its registry does not answer', async () => {
    assert.match(
      await saidOf('127.0.0.1:1'),
      /^The base image 127\.0\.0\.1:1\/function:1 cannot be read\. .*ECONNREFUSED/,
    );
  });

  for (const [status, body, said] of [
    [401, '', /asks who is there/],
    [403, '', /status 403/],
    [404, '', /status 404/],
    [429, '', /status 429/],
    [503, '', /status 503/],
    [200, '<h1>Sign in</h1>', /The manifest of function:1 is no object of JSON; it begins with "<h1>Sign in<\/h1>"/],
    [200, 'null', /The manifest of function:1 is no object of JSON/],
    [200, '{"layers":[]}', /function is no image: its manifest names no configuration/],
  ] as const) {
    it(`is told of where its registry answers ${status} ${body}`.trimEnd(), async () => {
      const registry = createServer((_, response) => response.writeHead(status).end(body)).listen(0, '127.0.0.1');
      try {
        await once(registry, 'listening');
        assert.match(await saidOf(`127.0.0.1:${(registry.address() as AddressInfo).port}`), said);
      } finally {
        registry.close();
        registry.closeAllConnections();
      }
    });
  }
});
