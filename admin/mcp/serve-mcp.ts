// MCP on the admin port: POST /mcp, one answer for each request, and nothing kept between them, so
// any replica answers. Tools ask the API of this process with the credentials of the request.
import { createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { finished, pipeline } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { type Request as Asked, json, type Response as Reply, type RequestHandler, Router } from 'express';
import * as z from 'zod';
import { TenfoldError } from '../../core/errors.ts';
import { callerOf } from '../guards/require-caller.ts';
import { createDocs } from './docs-search.ts';
import { loopbackCalls } from './loopback-calls.ts';
import { createUsedPlans } from './plans/used-plans.ts';

export interface McpOnAdminPort {
  readonly docsFolder: string;
  readonly version: string;
  /** All processes of the platform have the same. */
  readonly adminToken: string;
  now(): number;
  onError(error: unknown): void;
}

const MOST_BODY = '1mb';
/** JSON-RPC 2.0 §5.1. */
const NO_SUCH_METHOD = -32_601;

const asked = z.object({ method: z.string(), id: z.union([z.string(), z.number()]).optional() });

export function serveMcp({ adminToken, docsFolder, version, now, onError }: McpOnAdminPort): Router {
  const docs = createDocs(docsFolder);
  const used = createUsedPlans();
  const answer: RequestHandler = async (request, response) => {
    const refused = refusalOf(request.body);
    if (refused !== undefined) return void response.status(refused.status).json(refused.answer);
    const { toHandler } = await import('./mcp-handler.ts');
    const gone = new AbortController();
    response.on('close', () => gone.abort(new Error('The caller has left.')));
    const host = {
      api: loopbackCalls(request, version),
      secret: secretOf(adminToken, callerOf(response).name),
      used,
      docs,
      now,
    };
    const handler = toHandler(host, version, onError);
    // The transport ends with the answer.
    finished(response, () => void handler.close().catch(onError));
    send(await handler.fetch(toWeb(request, gone.signal), { parsedBody: request.body }), response);
  };
  const router = Router({ caseSensitive: true });
  router
    .route('/')
    .post(json({ limit: MOST_BODY, strict: true }), answer)
    .all(onlyPost);
  return router;
}

/** For MCP there is nothing to read: an answer goes with its request. */
const onlyPost: RequestHandler = (_request, response) => {
  response.setHeader('allow', 'POST');
  throw new TenfoldError('method-not-allowed', '/mcp takes POST only: it keeps no session and has no stream.');
};

/**
 * The answer to what the library would take: a list of calls, which would all run at once, and the
 * stream of a subscription, which would never end.
 */
function refusalOf(body: unknown): { readonly status: number; readonly answer: object } | undefined {
  if (Array.isArray(body)) {
    throw new TenfoldError('bad-request', '/mcp takes one call with each request, and no list. Send them one by one.');
  }
  const { method, id } = asked.safeParse(body).data ?? {};
  if (method !== 'subscriptions/listen') return undefined;
  const message = '/mcp has no stream: nothing of it changes while it runs. Ask with "tools/list" and "tools/call".';
  return { status: 404, answer: { jsonrpc: '2.0', id: id ?? null, error: { code: NO_SUCH_METHOD, message } } };
}

/** Another caller has another one, so a plan can be carried out only by who made it. */
function secretOf(adminToken: string, caller: string): Uint8Array {
  return createHmac('sha256', adminToken).update(`plan of mcp\n${caller}`).digest();
}

function toWeb({ method, headers, originalUrl }: Asked, signal: AbortSignal): Request {
  const { host = 'localhost' } = headers;
  return new Request(new URL(originalUrl, `http://${host}`), {
    method,
    headers: toFields(headers),
    // Express has read it.
    body: '{}',
    signal,
  });
}

function toFields(headers: IncomingHttpHeaders): [string, string][] {
  return Object.entries(headers).flatMap(([field, value]): [string, string][] =>
    value === undefined || field === 'content-length' ? [] : [[field, String(value)]],
  );
}

function send(answer: Response, response: Reply): void {
  response.status(answer.status);
  for (const [field, value] of answer.headers) response.setHeader(field, value);
  if (answer.body === null) return void response.end();
  pipeline(answer.body as ReadableStream, response, error => {
    if (error !== undefined && error !== null) response.destroy();
  });
}
