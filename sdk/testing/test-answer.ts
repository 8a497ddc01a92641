// The answer that a test gets: status, headers by lower-case name, and the body as a value.
import type { IncomingHttpHeaders } from 'node:http';
import type { Answer } from '../kernel/to-answer.ts';
import { type TestErrors, throwOwnError } from './own-errors.ts';

export interface TestAnswer<Body = unknown> {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Parsed when JSON, a string when text, else a Buffer; undefined when empty. */
  readonly body: Body;
}

export async function collectAnswer(answer: Answer): Promise<{ headers: IncomingHttpHeaders; bytes: Buffer }> {
  const headers: IncomingHttpHeaders = {};
  for (let index = 0; index + 1 < answer.headers.length; index += 2) {
    const name = (answer.headers[index] ?? '').toLowerCase();
    const value = answer.headers[index + 1] ?? '';
    if (name === 'set-cookie') headers[name] = [...(headers[name] ?? []), value];
    else headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  return { headers, bytes: await collectBody(answer.body) };
}

/** Rejects with an error that the function did not throw on purpose; see `errors`. */
export async function toTestAnswer(answer: Answer, errors: TestErrors): Promise<TestAnswer> {
  throwOwnError(answer, errors);
  const { headers, bytes } = await collectAnswer(answer);
  return { status: answer.status, headers, body: toValue(headers['content-type'], bytes) };
}

async function collectBody(body: Answer['body']): Promise<Buffer> {
  if (body === undefined) return Buffer.alloc(0);
  if (typeof body === 'string' || body instanceof Uint8Array) return Buffer.from(body);
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(Buffer.from(chunk as string | Uint8Array));
  return Buffer.concat(chunks);
}

function toValue(contentType: string | undefined, bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined;
  const type = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (type === 'application/json' || type.endsWith('+json')) return JSON.parse(bytes.toString('utf8'));
  return type.startsWith('text/') ? bytes.toString('utf8') : bytes;
}
