// Lets requests through whose caller is known, and keeps the caller for what follows.
import type { RequestHandler, Response } from 'express';
import { TenfoldError } from '../../core/errors.ts';
import type { Authenticator } from '../access/authenticator.ts';
import { type Caller, createCaller } from '../access/caller.ts';

/** One after the other, until one knows the caller. */
export function requireCaller(authenticators: readonly Authenticator[]): RequestHandler {
  const ways = authenticators.map(({ takes }) => takes).join('; or ');
  return async (request, response, next) => {
    const presented = { token: tokenOf(request.headers.authorization), request };
    const identify = async () => {
      for (const authenticator of authenticators) {
        const caller = await authenticator.identify(presented);
        if (caller !== undefined) return caller;
      }
      return undefined;
    };
    try {
      const caller = await identify();
      if (caller !== undefined) {
        response.locals['caller'] = caller;
        response.locals['identify'] = identify;
        return next();
      }
    } catch (error) {
      if (error instanceof TenfoldError && error.code === 'unauthenticated') challenge(response, 'invalid_token');
      throw error;
    }
    challenge(response, presented.token === undefined ? undefined : 'invalid_token');
    const what = presented.token === undefined ? 'wants' : 'does not know that token. It wants';
    throw new TenfoldError(
      'unauthenticated',
      `The admin API ${what} the header "Authorization: Bearer TOKEN". It takes ${ways}.`,
    );
  };
}

export function callerOf({ locals }: Response): Caller {
  const caller: Caller | undefined = locals['caller'];
  return caller ?? createCaller('nobody', []);
}

/**
 * Asks again, for answers that take long. Rejects with `unauthenticated` when nobody knows them.
 */
export async function callerNow({ locals }: Response): Promise<Caller> {
  const identify: (() => Promise<Caller | undefined>) | undefined = locals['identify'];
  const caller = await identify?.();
  if (caller !== undefined) return caller;
  throw new TenfoldError('unauthenticated', 'The credentials of this request are accepted no longer. Show new ones.');
}

function challenge(response: Response, error: string | undefined): void {
  const rest = error === undefined ? '' : `, error="${error}"`;
  response.setHeader('www-authenticate', `Bearer realm="tenfold admin"${rest}`);
}

function tokenOf(authorization = ''): string | undefined {
  const [scheme, token, ...rest] = authorization.trim().split(/ +/);
  return scheme?.toLowerCase() === 'bearer' && rest.length === 0 ? token : undefined;
}
