// Answers with JSON lines as they come, until all are there or the caller has left; an error after the first is the last line.
import type { Response } from 'express';
import { TenfoldError } from '../../core/errors.ts';
import type { FailedLine } from '../api.ts';

export async function answerLines(
  response: Response,
  lines: (signal: AbortSignal) => AsyncIterable<object>,
): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => gone.abort(new Error('The caller has left.')));
  try {
    for await (const line of lines(gone.signal)) await writeLine(response, line, gone.signal);
  } catch (error) {
    // Nobody waits any more.
    if (gone.signal.aborted) return;
    if (!response.headersSent || !(error instanceof TenfoldError)) throw error;
    const failed: FailedLine = { kind: 'failed', code: error.code, message: error.message };
    await writeLine(response, failed, gone.signal);
  }
  response.end();
}

export async function writeLine(response: Response, line: object, signal: AbortSignal): Promise<void> {
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
