// The admin token, which may do everything. It is compared in constant time.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Authenticator } from './authenticator.ts';
import { createCaller } from './caller.ts';

export function adminTokenAuthenticator(token: string): Authenticator {
  const expected = digest(token);
  const caller = createCaller('admin token', [{ role: 'admin' }]);
  return {
    takes: 'the admin token, which is in .tenfold/platform.json of the application folder',
    identify: ({ token: given }) =>
      given !== undefined && timingSafeEqual(digest(given), expected) ? caller : undefined,
  };
}

/**
 * Hashing first makes the lengths equal, which `timingSafeEqual` demands, without
 * telling how long the token is.
 */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
