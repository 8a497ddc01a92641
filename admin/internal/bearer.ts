// Lets requests through that carry the admin token, and compares it in constant time.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { RequestHandler } from 'express';
import { TenfoldError } from '../../core/errors.ts';

export function requireBearer(token: string): RequestHandler {
  const expected = digest(token);
  return (request, response, next) => {
    const [scheme, given, ...rest] = (request.headers.authorization ?? '').trim().split(/ +/);
    const matches = scheme?.toLowerCase() === 'bearer' && given !== undefined && rest.length === 0;
    if (matches && timingSafeEqual(digest(given), expected)) return next();
    response.setHeader('www-authenticate', 'Bearer realm="tenfold admin"');
    throw new TenfoldError(
      'unauthenticated',
      'The admin API wants the header "Authorization: Bearer TOKEN"; the token is in .tenfold/platform.json of the application folder.',
    );
  };
}

/**
 * Hashing first makes the lengths equal, which `timingSafeEqual` demands, without
 * telling how long the token is.
 */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
