// A key pair of the issuer, and a token that it signed for a client.
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { AUDIENCE, ISSUER } from './shop.ts';

export async function makeToken(): Promise<{ token: string; jwks: string }> {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const key = { ...(await exportJWK(publicKey)), kid: 'bench', alg: 'ES256', use: 'sig' };
  const token = await new SignJWT({ scope: 'shop.read' })
    .setProtectedHeader({ alg: 'ES256', kid: 'bench' })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setSubject('ada')
    .setIssuedAt()
    .setExpirationTime('6h')
    .sign(privateKey);
  return { token, jwks: JSON.stringify({ keys: [key] }) };
}
