// The form of a call turned into the request that the admin API takes.
import type { FunctionRequest } from '../../../../admin/asking/ask-view.ts';

export type InvokeBody = Pick<FunctionRequest, 'method' | 'path' | 'headers' | 'body'>;

export interface CallForm {
  readonly method: string;
  readonly path: string;
  /** One on each line, as `name: value`. */
  readonly headers: string;
  readonly body: string;
}

/** JSON says so, unless the person does. Throws with words for people. */
export function toRequest({ method, path, headers: text, body }: CallForm): InvokeBody {
  const headers = text
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '')
    .map(toHeader);
  const isTold = headers.some(([name]) => name.toLowerCase() === 'content-type');
  if (body !== '' && !isTold)
    headers.push(['content-type', isJson(body) ? 'application/json' : 'text/plain; charset=utf-8']);
  return { method, path: path === '' ? '/' : path, headers, ...(body === '' ? {} : { body: { text: body } }) };
}

function toHeader(line: string): readonly [string, string] {
  const colon = line.indexOf(':');
  if (colon > 0) return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
  throw new Error(`“${line}” is no header: write a name, a colon and a value.`);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
