// Refuses requests that a platform sends on behalf of a resource to an admin port. A `url` that
// leads to one, by whatever name or Service, would show its answers to others.
import type { RequestHandler } from 'express';
import { TenfoldError } from '../../core/errors.ts';
import { TIMEOUT_HEADER } from '../../core/wire.ts';

/**
 * Every such call says how long its caller waits, in a field that no resource can take away
 * (`gateway/upstream/dispatch.ts`).
 */
export const noPlatform: RequestHandler = (request, _response, next) => {
  if (request.headers[TIMEOUT_HEADER] !== undefined)
    throw new TenfoldError(
      'forbidden',
      'This is the admin port of a platform, which no "url" of a resource leads to. Ask it directly.',
    );
  next();
};
