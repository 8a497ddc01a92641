// Callers of a cluster are known by the keys of its API server, which are
// asked for as that serves them.
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { createClusterCallers } from '../../../cli/cluster/cluster-callers.ts';
import { closeServer, listen } from '../../../core/http/http-server.ts';
import { realWorld } from '../../../core/world.ts';
import { createKubeClient, type KubeClient } from '../../../k8s/api/kube-client.ts';
import { audienceOf } from '../../../k8s/providers/internal-listeners.ts';

const AUDIENCE = audienceOf('tenfold-system');

describe('Callers of a cluster', () => {
  let server: Server;
  let client: KubeClient;
  let refused: number | undefined;
  let sign: (audience: string) => Promise<string>;
  const lines: string[] = [];
  const open = () =>
    createClusterCallers(realWorld, client, AUDIENCE, (level, text) => void lines.push(`${level} ${text}`));

  before(async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    const keys = [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256', use: 'sig' }];
    // It serves this type alone, and answers whoever takes another one with 406.
    server = createServer(({ url, headers }, response) => {
      const type = 'application/jwk-set+json';
      const known = url === '/openid/v1/jwks' ? 200 : 404;
      response.writeHead(refused ?? (headers.accept === type ? known : 406), { 'content-type': type });
      response.end(JSON.stringify({ keys }));
    });
    client = createKubeClient({ server: await listen(server, '127.0.0.1', 0), namespace: 'tenfold-system' }, 'test');
    sign = audience =>
      new SignJWT({ aud: [audience], sub: 'system:serviceaccount:shop:default' })
        .setProtectedHeader({ alg: 'ES256', kid: 'one' })
        .setExpirationTime('1h')
        .sign(privateKey);
  });
  beforeEach(() => {
    refused = undefined;
    lines.splice(0);
  });
  after(async () => {
    await client.close();
    await closeServer(server, realWorld, 0);
  });

  it('are known by a token for this installation, and by no other', async () => {
    const callers = open();
    assert.equal(await callers.namespaceOf(await sign(AUDIENCE)), 'shop');
    assert.equal(await callers.namespaceOf(await sign(audienceOf('another'))), undefined);
    callers.close();
  });

  it('cannot be told where somebody has taken the right to the keys away, and the log says so', async () => {
    refused = 403;
    const callers = open();
    await assert.rejects(async () => callers.namespaceOf(await sign(AUDIENCE)), { code: 'auth-unavailable' });
    assert.match(lines.join('\n'), /^warn .*openid\/v1\/jwks/m);
    callers.close();
  });
});
