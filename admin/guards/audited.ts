// Writes each change by the admin API into the audit log: before it is made, and how it ended.
import { randomUUID } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import { toTimestamp } from '../../core/world.ts';
import type { Caller } from '../access/caller.ts';
import type { AuditBegun, AuditControl, AuditEntry, AuditOutcome } from '../audit-view.ts';
import { callerOf } from './require-caller.ts';

const MOST_BODY = 4096;
const MOST_CLIENT = 200;
/** Data of events, and headers with credentials, are not for the audit log. */
const DATA: ReadonlySet<string> = new Set(['text', 'base64', 'merge', 'headers']);
/** A reader of the log must not be able to start a plan with it. */
const SECRETS: ReadonlySet<string> = new Set(['token']);

/** An answer that began with 200 says this of its end. */
interface Noted {
  readonly taken?: number;
  readonly failed?: number;
  readonly operation?: string;
  /** It began well, and ended with an error. */
  readonly brokeOff?: boolean;
}

export function audited(audit: AuditControl): RequestHandler {
  return async (request, response, next) => {
    const began = performance.now();
    const begun = toBegun(request, callerOf(response));
    response.on('close', () => audit.ended(toEnded(begun, request, response, performance.now() - began)));
    await audit.begun(begun);
    // A caller who has left gets no answer, and the log says "cut off": so nothing is done either.
    if (!response.destroyed) next();
  };
}

/** For the audit log: how an answer that began with 200 has ended. */
export function noteOutcome({ locals }: Response, noted: Noted): void {
  locals['audit'] = noted;
}

/** For the audit log: the namespace of what the request touches. */
export function noteNamespace({ locals }: Response, namespace: string): void {
  locals['namespace'] = namespace;
}

function toBegun(request: Request, { name }: Caller): AuditBegun {
  const client = request.headers['user-agent']?.slice(0, MOST_CLIENT);
  return {
    id: randomUUID(),
    at: toTimestamp(Date.now()),
    action: `${request.method} ${pathOf(request)}`,
    by: name,
    from: request.socket.remoteAddress ?? '',
    ...(client === undefined ? {} : { client }),
  };
}

function toEnded(begun: AuditBegun, { body, query }: Request, response: Response, ms: number): AuditEntry {
  const { brokeOff = false, ...counts }: Noted = response.locals['audit'] ?? {};
  const namespace: string | undefined = response.locals['namespace'];
  const isSent = response.writableFinished;
  const asked = toAsked(body, query);
  return {
    ...begun,
    ...(namespace === undefined ? {} : { namespace }),
    outcome: outcomeOf(isSent ? response.statusCode : undefined, brokeOff),
    ...(asked === undefined ? {} : { asked }),
    ...(response.headersSent ? { status: response.statusCode } : {}),
    ms: Math.round(ms),
    ...counts,
  };
}

function outcomeOf(status: number | undefined, brokeOff: boolean): AuditOutcome {
  if (status === undefined) return 'cut off';
  if (brokeOff || status >= 500) return 'failed';
  return status >= 400 ? 'refused' : 'done';
}

function toAsked(body: unknown, query: Request['query']): unknown {
  const isEmpty = typeof body !== 'object' || body === null || Object.keys(body).length === 0;
  const asked = isEmpty ? (Object.keys(query).length === 0 ? undefined : query) : body;
  if (asked === undefined) return undefined;
  const text = JSON.stringify(asked, (name, value) => toShown(name, value));
  return text.length > MOST_BODY ? `${text.length} characters of JSON` : JSON.parse(text);
}

function toShown(name: string, value: unknown): unknown {
  if (SECRETS.has(name)) return '(hidden)';
  return DATA.has(name) ? sizeOf(value) : value;
}

function sizeOf(data: unknown): string {
  return `${Buffer.byteLength(typeof data === 'string' ? data : JSON.stringify(data))} bytes`;
}

/** Without its query, of which the parsed one is kept. */
function pathOf({ originalUrl }: Request): string {
  return originalUrl.split('?', 1)[0] ?? originalUrl;
}
