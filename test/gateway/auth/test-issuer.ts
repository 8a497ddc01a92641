// An issuer of tokens with a discovery document and keys that a test can change, and a
// count of what was asked of it.
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { startUpstream } from '../../fakes/echo-upstream.ts';

export type KeyPair = Awaited<ReturnType<typeof generateKeyPair>>;

export interface TestIssuer {
  readonly url: string;
  /** Paths that were asked for, in order. */
  readonly asked: string[];
  /** What answers instead, as long as it is set. */
  failWith: number | undefined;
  readonly keys: Map<string, KeyPair>;
  addKey(kid: string, alg?: string): Promise<KeyPair>;
  /** A token that is good for five minutes, unless `claims` says otherwise. */
  sign(claims?: JWTPayload, header?: { readonly kid?: string; readonly alg?: string }): Promise<string>;
  close(): Promise<void>;
}

export async function startIssuer(): Promise<TestIssuer> {
  const keys = new Map<string, KeyPair>();
  const algorithms = new Map<string, string>();
  const asked: string[] = [];
  const upstream = await startUpstream(async (request, response) => {
    asked.push(request.url ?? '');
    if (issuer.failWith !== undefined) return void response.writeHead(issuer.failWith).end();
    const json = (value: unknown) => response.end(JSON.stringify(value));
    if (request.url === '/.well-known/openid-configuration') {
      return void json({ issuer: issuer.url, jwks_uri: `${issuer.url}/keys?of=all` });
    }
    const exported = [...keys].map(async ([kid, { publicKey }]) => ({
      ...(await exportJWK(publicKey)),
      kid,
      alg: algorithms.get(kid),
      use: 'sig',
    }));
    json({ keys: await Promise.all(exported) });
  });
  const issuer: TestIssuer = {
    url: upstream.origin,
    asked,
    failWith: undefined,
    keys,
    async addKey(kid, alg = 'ES256') {
      const pair = await generateKeyPair(alg, { extractable: true });
      keys.set(kid, pair);
      algorithms.set(kid, alg);
      return pair;
    },
    sign(claims = {}, header = {}) {
      const kid = header.kid ?? [...keys.keys()][0]!;
      const now = Math.floor(Date.now() / 1000);
      const payload = { iss: issuer.url, aud: 'shop', sub: 'ada', exp: now + 300, ...claims };
      return new SignJWT(payload)
        .setProtectedHeader({ alg: header.alg ?? algorithms.get(kid) ?? 'ES256', kid })
        .sign(keys.get(kid)!.privateKey);
    },
    close: () => upstream.close(),
  };
  await issuer.addKey('first');
  return issuer;
}

/**
 * A token whose header and payload are written as they are, with the signature that `sign` gives.
 */
export function forge(header: unknown, payload: unknown, sign: (input: string) => string = () => ''): string {
  const input = [header, payload].map(part => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${input}.${sign(input)}`;
}
