// Asks a View for a tool of MCP, through the internal listener.
import { text } from 'node:stream/consumers';
import type { ViewQuestion } from '../../admin/mcp/mcp-host.ts';
import { TenfoldError } from '../../core/errors.ts';
import { TIMEOUT_HEADER } from '../../core/wire.ts';
import { send } from '../invoke/send.ts';
import { toError } from '../platform/admin-call.ts';
import type { PlatformTarget } from '../platform/find-platform.ts';

/** Longer than the longest query of a View. */
const TIMEOUT_MS = 30_000;

export function viewAsker({ url, keys }: NonNullable<PlatformTarget['internal']>) {
  return async ({ namespace, name, query }: ViewQuestion): Promise<unknown> => {
    const key = keys[namespace];
    if (key === undefined) throw new TenfoldError('not-found', `Nothing runs in namespace "${namespace}".`);
    const search = new URLSearchParams(query).toString();
    const answer = await send(
      { url, key },
      {
        functionName: name,
        method: 'GET',
        path: `/views/${encodeURIComponent(name)}${search === '' ? '' : `?${search}`}`,
        headers: [[TIMEOUT_HEADER, String(TIMEOUT_MS)]],
        body: undefined,
        timeoutMs: TIMEOUT_MS,
      },
    );
    const whole = await text(answer);
    const { statusCode: status = 0 } = answer;
    const body = parse(whole);
    if (status < 400) return body;
    throw toError(status, body) ?? new TenfoldError('bad-gateway', `View "${name}" answered ${status}.`);
  };
}

function parse(whole: string): unknown {
  try {
    return JSON.parse(whole);
  } catch {
    return whole;
  }
}
