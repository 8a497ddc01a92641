// Names of images, and who asks a registry.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseChallenge } from '../../images/registry/authorize.ts';
import { credentialsFor } from '../../images/registry/credentials.ts';
import { addressOf, formatReference, parseReference } from '../../images/registry/reference.ts';

const DIGEST = `sha256:${'0a'.repeat(32)}`;

describe('The name of an image', () => {
  for (const [name, whole] of [
    ['alpine', 'docker.io/library/alpine:latest'],
    ['acme/orders:1.4', 'docker.io/acme/orders:1.4'],
    ['ghcr.io/acme/shop/orders', 'ghcr.io/acme/shop/orders:latest'],
    ['localhost/orders:x', 'localhost/orders:x'],
    ['127.0.0.1:5000/orders:1', '127.0.0.1:5000/orders:1'],
    [`ghcr.io/acme/orders@${DIGEST}`, `ghcr.io/acme/orders@${DIGEST}`],
    [`ghcr.io/acme/orders:1@${DIGEST}`, `ghcr.io/acme/orders:1@${DIGEST}`],
  ] as const) {
    it(`${name} is ${whole}`, () => assert.equal(formatReference(parseReference(name)), whole));
  }

  for (const name of [
    '',
    'Acme/orders',
    'acme/orders:',
    'acme//orders',
    'a:b:c',
    'acme/orders@sha256:12',
    'a b',
    '../x',
  ]) {
    it(`is not "${name}"`, () => assert.throws(() => parseReference(name), /is no name of an image/));
  }

  it('leads to the registry, in the clear only on this machine', () => {
    assert.equal(addressOf('docker.io', false), 'https://registry-1.docker.io');
    assert.equal(addressOf('ghcr.io', false), 'https://ghcr.io');
    assert.equal(addressOf('127.0.0.1:5000', false), 'http://127.0.0.1:5000');
    assert.equal(addressOf('registry.lan', true), 'http://registry.lan');
  });
});

describe('Credentials for a registry', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tenfold-docker-'));
    const auth = Buffer.from('dora:a:b').toString('base64');
    const helper = `#!/bin/sh\nread server\n[ "$server" = helped.example ] && echo '{"Username":"h","Secret":"s"}' || exit 1\n`;
    await writeFile(join(folder, 'docker-credential-test'), helper, { mode: 0o755 });
    const config = {
      auths: { 'ghcr.io': { auth }, 'https://index.docker.io/v1/': { auth } },
      credHelpers: { 'helped.example': 'test', 'failing.example': 'test' },
    };
    await writeFile(join(folder, 'config.json'), JSON.stringify(config));
  });
  after(() => rm(folder, { recursive: true, force: true }));
  const env = () => ({ DOCKER_CONFIG: folder, PATH: `${folder}:${process.env['PATH']}` });

  for (const [registry, expected] of [
    ['ghcr.io', { username: 'dora', password: 'a:b' }],
    ['docker.io', { username: 'dora', password: 'a:b' }],
    ['helped.example', { username: 'h', password: 's' }],
    ['failing.example', undefined],
    ['other.example', undefined],
  ] as const) {
    it(`are found for ${registry} as docker login left them`, async () =>
      assert.deepEqual(await credentialsFor(registry, env()), expected));
  }

  it('are those of variables first', async () => {
    const variables = { TENFOLD_REGISTRY_USERNAME: 'ci', TENFOLD_REGISTRY_PASSWORD: 'p' };
    assert.deepEqual(await credentialsFor('ghcr.io', { ...env(), ...variables }), { username: 'ci', password: 'p' });
  });

  it('are asked for as RFC 9110 says', () => {
    assert.deepEqual(parseChallenge('Bearer realm="https://a/t",service="x, y",scope=z'), {
      scheme: 'bearer',
      parameters: { realm: 'https://a/t', service: 'x, y', scope: 'z' },
    });
    assert.equal(parseChallenge('Negotiate abc'), undefined);
  });
});
