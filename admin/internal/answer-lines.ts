// Endpoints that take a JSON body and answer with JSON lines as they come, until all are there or
// the caller has left. An error after the first line is the last line.
import { json, type Response, type Router } from 'express';
import type * as z from 'zod';
import { TenfoldError } from '../../core/errors.ts';
import type { FailedLine } from '../api.ts';
import { parseBody } from './body.ts';
import { only } from './problems.ts';

export interface LinesEndpoint<T> {
  readonly path: string;
  /** Largest body, e.g. `16kb`. */
  readonly limit: string;
  readonly body: z.ZodType<T>;
  lines(asked: T, signal: AbortSignal): AsyncIterable<object>;
}

/** Takes POST alone. */
export function addLines<T>(router: Router, { path, limit, body, lines }: LinesEndpoint<T>): void {
  router
    .route(path)
    .post(json({ limit, strict: true }), async (request, response) => {
      const asked = parseBody(body, request.body ?? {});
      await answerLines(response, signal => lines(asked, signal));
    })
    .all(only('POST'));
}

async function answerLines(response: Response, lines: (signal: AbortSignal) => AsyncIterable<object>): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => gone.abort(new Error('The caller has left.')));
  try {
    for await (const line of lines(gone.signal)) await writeLine(response, line, gone.signal);
  } catch (error) {
    // The caller has left.
    if (gone.signal.aborted) return;
    if (!response.headersSent || !(error instanceof TenfoldError)) throw error;
    await writeLine(response, toFailed(error), gone.signal);
  }
  response.end();
}

function toFailed({ code, message, extensions: { line, column } }: TenfoldError): FailedLine {
  return {
    kind: 'failed',
    code,
    message,
    ...(typeof line === 'number' ? { line } : {}),
    ...(typeof column === 'number' ? { column } : {}),
  };
}

async function writeLine(response: Response, line: object, signal: AbortSignal): Promise<void> {
  if (!response.headersSent) response.status(200).type('application/x-ndjson');
  if (response.write(`${JSON.stringify(line)}\n`)) return;
  await new Promise<void>((resolve, reject) => {
    const left = () => reject(signal.reason);
    signal.addEventListener('abort', left, { once: true });
    response.once('drain', () => {
      signal.removeEventListener('abort', left);
      resolve();
    });
  });
}
