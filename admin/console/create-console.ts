// Puts the Console together: its pages, and the callers who come with one of its sessions.
import type { IRouter } from 'express';
import { TenfoldError } from '../../core/errors.ts';
import { adminTokenAuthenticator } from '../access/admin-token.ts';
import type { Authenticator, Presented } from '../access/authenticator.ts';
import type { Caller } from '../access/caller.ts';
import type { AuditControl } from '../audit-view.ts';
import { type ConsoleOptions, serveConsole } from './serve-console.ts';
import { createSessions } from './sessions.ts';
import { SignInAudit } from './sign-in-audit.ts';

export interface ConsoleSettings extends ConsoleOptions {
  readonly adminToken: string;
  /** Others who may call the admin API. */
  readonly authenticators: readonly Authenticator[];
  readonly allowedHosts: readonly string[];
  readonly audit: Pick<AuditControl, 'happened'>;
  readonly now: () => number;
}

export function createConsole(settings: ConsoleSettings): {
  readonly pages: IRouter;
  readonly sessions: Authenticator;
} {
  const { adminToken, authenticators, audit, now } = settings;
  const known = [adminTokenAuthenticator(adminToken), ...authenticators];
  const sessions = createSessions(adminToken, now);
  const callerOf = async (presented: Presented): Promise<Caller> => {
    for (const authenticator of known) {
      const caller = await authenticator.identify(presented);
      if (caller !== undefined) return caller;
    }
    throw new TenfoldError('unauthenticated', 'The admin API does not know this token. Copy the whole of it.');
  };
  return {
    pages: serveConsole({
      ...settings,
      sessions,
      signIns: new SignInAudit(audit, now),
      callerOf: (token, request) => callerOf({ token, request }),
    }),
    sessions: {
      takes: 'a session of the Console',
      /** A session ends with its token, which is looked at each time. */
      identify({ token, request }) {
        const sealed = token === undefined ? sessions.tokenOf(request.headers) : undefined;
        return sealed === undefined ? undefined : callerOf({ token: sealed, request });
      },
    },
  };
}
