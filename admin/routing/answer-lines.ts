// Answers of one JSON document a line, as they come, until all are there or the caller has left. An
// error after the first line is the last line.
import type { Response } from 'express';
import { TenfoldError } from '../../core/errors.ts';
import type { FailedLine } from '../api.ts';
import { noteOutcome } from '../guards/audited.ts';
import type { Given } from './route.ts';

export async function answerLines({ response, signal }: Given, lines: AsyncIterable<object>): Promise<void> {
  try {
    for await (const line of lines) await writeLine(response, line, signal);
  } catch (thrown) {
    const error: unknown = signal.aborted ? signal.reason : thrown;
    // The caller has left.
    if (signal.aborted && !(error instanceof TenfoldError)) return;
    if (!response.headersSent || !(error instanceof TenfoldError)) throw error;
    noteOutcome(response, { brokeOff: true });
    response.write(`${JSON.stringify(toFailed(error))}\n`);
  }
  response.end();
}

/** One line for each step, the last one with `done`: the caller sees the progress. */
export async function answerSteps<T extends { readonly taken: number; readonly failed: readonly unknown[] }>(
  { response }: Given,
  carryOut: (step: (progress: T) => void) => Promise<T>,
): Promise<void> {
  const write = (progress: T, done: boolean) => {
    if (!response.headersSent) response.status(200).type('application/x-ndjson');
    response.write(`${JSON.stringify({ ...progress, done })}\n`);
  };
  const end = await carryOut(progress => write(progress, false));
  noteOutcome(response, { taken: end.taken, failed: end.failed.length });
  write(end, true);
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
