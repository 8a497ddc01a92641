// A login for this machine only: signs tokens for whoever asks, and shows the key that
// they can be checked with.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

export interface TokenWish {
  /** The subject that the token is for. */
  readonly sub: string;
  readonly role: string;
  /** Seconds that it is good for; negative for one that has run out. */
  readonly ttl?: number;
}

export interface Issuer {
  readonly url: string;
  sign(wish: TokenWish): Promise<string>;
  close(): Promise<void>;
}

const AUDIENCE = 'coffee-shop';
const KEY_ID = 'today';

/**
 * Listens on loopback. Each start has a key of its own, so tokens of another one are worth nothing.
 */
export async function startIssuer(port: number): Promise<Issuer> {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const keys = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: KEY_ID, alg: 'ES256', use: 'sig' }] });
  let url = '';

  const sign = ({ sub, role, ttl = 300 }: TokenWish) => {
    const now = Math.floor(Date.now() / 1000);
    return new SignJWT({ role })
      .setProtectedHeader({ alg: 'ES256', kid: KEY_ID })
      .setIssuer(url)
      .setAudience(AUDIENCE)
      .setSubject(sub)
      .setIssuedAt(now + Math.min(0, ttl))
      .setExpirationTime(now + ttl)
      .sign(privateKey);
  };

  const server = createServer(async (request, response) => {
    const asked = request.method === 'GET' ? URL.parse(request.url ?? '/', 'http://issuer') : null;
    if (asked?.pathname === '/jwks.json') {
      response.writeHead(200, { 'content-type': 'application/json' }).end(keys);
    } else if (asked?.pathname === '/token') {
      const sub = asked.searchParams.get('sub') ?? 'grace';
      const role = asked.searchParams.get('role') ?? 'barista';
      response.writeHead(200, { 'content-type': 'text/plain', 'cache-control': 'no-store' });
      response.end(await sign({ sub, role }));
    } else {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    sign,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

if (import.meta.main) {
  const { url } = await startIssuer(Number(process.argv[2] ?? 4601));
  process.stdout.write(`Tokens at ${url}/token?sub=grace&role=barista, keys at ${url}/jwks.json\n`);
}
