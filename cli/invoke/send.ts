// Sends one call to the internal door and hands back the answer as it comes.
import { type IncomingMessage, request } from 'node:http';
import { request as requestSecurely } from 'node:https';
import { TenfoldError } from '../../core/errors.ts';
import { KEY_HEADER } from '../../core/wire.ts';
import { CommandError } from '../command-error.ts';
import { reasonOf } from '../platform/admin-client.ts';
import type { InternalDoor } from '../platform/internal-door.ts';
import type { Call } from './to-call.ts';

/** What the door itself needs to notice that the time is up and to say so. */
const MARGIN_MS = 1000;

export function send(door: InternalDoor, call: Call): Promise<IncomingMessage> {
  const url = new URL(door.url);
  const base = url.pathname.replace(/\/$/, '');
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(call.timeoutMs + MARGIN_MS);
    const headers: Record<string, string | string[]> = { [KEY_HEADER]: door.key };
    for (const [name, value] of call.headers) {
      const earlier = headers[name];
      headers[name] = earlier === undefined ? value : [earlier, value].flat();
    }
    if (call.body) headers['content-length'] = String(call.body.length);
    const open = url.protocol === 'https:' ? requestSecurely : request;
    const fail = (error: Error) => {
      if (signal.aborted)
        reject(new TenfoldError('timeout', `"${call.functionName}" did not answer within ${call.timeoutMs} ms.`));
      else
        reject(
          new CommandError('platform-unreachable', `No platform answers at ${url.origin} (${reasonOf(error)}).`, {
            cause: error,
          }),
        );
    };
    try {
      const sent = open(
        new URL(url.origin),
        { method: call.method, path: base + call.path, headers, signal, agent: false },
        resolve,
      );
      sent.on('error', fail);
      sent.end(call.body);
    } catch (cause) {
      // node:http throws at once for names, values or methods that HTTP does not allow.
      reject(new CommandError('usage', `This request cannot be sent: ${reasonOf(cause)}.`, { cause }));
    }
  });
}
