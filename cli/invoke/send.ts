// Sends one call to the internal listener and hands back the answer as it comes.
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { request as requestSecurely } from 'node:https';
import { TenfoldError } from '../../core/errors.ts';
import { formatDuration } from '../../core/units/duration.ts';
import { KEY_HEADER } from '../../core/wire.ts';
import { CommandError } from '../command-error.ts';
import { reasonOf } from '../platform/admin-call.ts';
import type { InternalListener } from '../platform/internal-listener.ts';
import type { Call } from './to-call.ts';

/** The time that the endpoint itself needs to notice that the time is up and to say so. */
const MARGIN_MS = 1000;

export function send(listener: InternalListener, call: Call): Promise<IncomingMessage> {
  const url = new URL(listener.url);
  const open = url.protocol === 'https:' ? requestSecurely : request;
  return new Promise((resolve, reject) => {
    let sent: ClientRequest;
    try {
      const path = url.pathname.replace(/\/$/, '') + call.path;
      sent = open(new URL(url.origin), { method: call.method, path, headers: toHeaders(listener, call), agent: false });
    } catch (cause) {
      // node:http throws at once for names, values or methods that HTTP does not allow.
      reject(new CommandError('usage', `This request cannot be sent: ${reasonOf(cause)}.`, { cause }));
      return;
    }
    let answer: IncomingMessage | undefined;
    const timer = setTimeout(() => (answer ?? sent).destroy(late(call)), call.timeoutMs + MARGIN_MS);
    sent.on('close', () => clearTimeout(timer));
    sent.on('response', response => {
      answer = response;
      resolve(response);
    });
    sent.on('error', error => reject(error instanceof TenfoldError ? error : unreachable(url, error)));
    sent.end(call.body);
  });
}

function toHeaders(listener: InternalListener, call: Call): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = { [KEY_HEADER]: listener.key };
  for (const [name, value] of call.headers) {
    const earlier = headers[name];
    headers[name] = earlier === undefined ? value : [earlier, value].flat();
  }
  if (call.body) headers['content-length'] = String(call.body.length);
  return headers;
}

function late({ functionName, timeoutMs }: Call): TenfoldError {
  return new TenfoldError('timeout', `"${functionName}" did not answer within ${formatDuration(timeoutMs)}.`);
}

function unreachable(url: URL, cause: Error): CommandError {
  return new CommandError('platform-unreachable', `No platform answers at ${url.origin} (${reasonOf(cause)}).`, {
    cause,
  });
}
