// The value of a body by its content type, for the schema that will judge it.
import { parse as parseForm } from 'node:querystring';
import type { FunctionRequest } from './function-request.ts';

/**
 * JSON (also when no type is given) is parsed, form fields become an object, text a string;
 * everything else stays bytes.
 */
export async function parseBody(request: FunctionRequest): Promise<unknown> {
  const type = request.headers['content-type'];
  const essence = type === undefined ? 'application/json' : (type.split(';', 1)[0] ?? '').trim().toLowerCase();
  if (essence === 'application/json' || essence.endsWith('+json')) {
    const bytes = await request.bytes();
    return bytes.length === 0 ? undefined : request.json();
  }
  if (essence === 'application/x-www-form-urlencoded')
    return { ...parseForm(await request.text(), '&', '=', { maxKeys: 0 }) };
  return essence.startsWith('text/') ? request.text() : request.bytes();
}
