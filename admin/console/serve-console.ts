// Serves the Console at the admin port: its page, its assets, and the start and end of sessions.
import { type IRouter, json, type Request, type Response, Router } from 'express';
import * as z from 'zod';
import { TenfoldError } from '../../core/errors.ts';
import type { Caller } from '../access/caller.ts';
import { requireInwardHost, requireSameSite } from '../guards/same-site.ts';
import { PAGE_POLICY } from '../guards/security-headers.ts';
import { parseBody } from '../routing/body.ts';
import { onlyGet } from '../routing/problems.ts';
import { type ConsoleFiles, readConsoleFiles } from './console-files.ts';
import { cachingOf, sendFile } from './send-file.ts';
import type { BegunSession, Sessions } from './sessions.ts';
import type { SignInAudit } from './sign-in-audit.ts';
import type { SignInCodes } from './sign-in-codes.ts';

export interface ConsoleOptions {
  /** The folder that the build writes. */
  readonly folder: string;
  readonly codes: SignInCodes;
}

export interface ConsoleServices extends ConsoleOptions {
  readonly sessions: Sessions;
  readonly signIns: SignInAudit;
  /** The token that a code stands for. */
  readonly adminToken: string;
  readonly allowedHosts: readonly string[];
  /** Rejects with `unauthenticated` for a token that nobody knows. */
  callerOf(token: string, request: Request): Promise<Caller>;
}

const signIn = z
  .strictObject({ token: z.string().min(1).max(8192).optional(), code: z.string().min(1).max(64).optional() })
  .refine(({ token, code }) => (token === undefined) !== (code === undefined), {
    message: 'Say either "token" or "code".',
  });

export function serveConsole(services: ConsoleServices): IRouter {
  const { folder, allowedHosts } = services;
  let reading: Promise<ConsoleFiles | undefined> | undefined;
  const files = async () => {
    reading ??= readConsoleFiles(folder);
    const read = await reading;
    if (read !== undefined) return read;
    reading = undefined;
    throw new TenfoldError('not-found', 'This installation has no Console. In a checkout, "make build" makes it.');
  };
  const router = Router({ caseSensitive: true });
  router.use(['/console', '/console/*path'], requireInwardHost(allowedHosts));
  router.get('/', (request, response, next) => {
    if (request.headers.accept?.includes('text/html')) response.redirect(302, '/console/');
    else next();
  });
  router
    .route('/console/session')
    .post(requireSameSite(allowedHosts), json({ limit: '16kb', strict: true }), (request, response) =>
      beginSession(services, request, response),
    )
    .delete(requireSameSite(allowedHosts), ({ headers }, response) => {
      response.setHeader('set-cookie', services.sessions.end(headers));
      response.status(204).end();
    });
  router
    .route('/console/assets/:name')
    .get(async (request, response) => {
      const file = (await files()).assets.get(request.params.name);
      if (file === undefined) throw new TenfoldError('not-found', 'The Console has no such file. Load the page again.');
      sendFile(request, response, file, cachingOf(request.params.name, 'public, max-age=3600'));
    })
    .all(onlyGet);
  router
    .route(['/console', '/console/*path'])
    .get(async (request, response) => {
      response.setHeader('content-security-policy', PAGE_POLICY);
      response.setHeader('cross-origin-opener-policy', 'same-origin');
      sendFile(request, response, (await files()).page, 'no-cache');
    })
    .all(onlyGet);
  return router;
}

async function beginSession(services: ConsoleServices, request: Request, response: Response): Promise<void> {
  const asked = parseBody(signIn, request.body ?? {});
  try {
    const { session, caller } = await signedIn(services, asked, request);
    response.setHeader('set-cookie', session.cookie);
    services.signIns.granted(request, caller, asked.token === undefined ? 'code' : 'token');
    response.status(201).json({ proof: session.proof, endsAt: session.endsAt });
  } catch (error) {
    services.signIns.refused(request, error);
    throw error;
  }
}

async function signedIn(
  { codes, sessions, adminToken, callerOf }: ConsoleServices,
  { token, code = '' }: z.infer<typeof signIn>,
  request: Request,
): Promise<{ readonly session: BegunSession; readonly caller: Caller }> {
  if (token === undefined && !codes.use(code))
    throw new TenfoldError(
      'unauthenticated',
      'This address was opened before, or is too old. Sign in by a token, or start the platform again.',
    );
  const presented = token ?? adminToken;
  const caller = await callerOf(presented, request);
  return { session: sessions.begin(presented, request.headers), caller };
}
