// Serves the OpenAPI document of an Api: made once, when the Api is compiled.
import { createHash } from 'node:crypto';
import type { Resource } from '../../resources/resource.ts';
import type { Target } from '../exchange/target.ts';
import { fieldOf } from '../http/fields.ts';
import { answerCall } from '../upstream/answer-call.ts';
import { toOpenApi } from './document.ts';

export function createOpenApiTarget(api: Resource<'Api'>): Target {
  const body = Buffer.from(`${JSON.stringify(toOpenApi(api), null, 2)}\n`);
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
  const fields = ['content-type', 'application/json', 'cache-control', 'no-cache', 'etag', etag];
  return {
    label: 'openapi',
    send(call) {
      if (isKnown(fieldOf(call.headers, 'if-none-match'), etag)) answerCall(call, 304, fields, Buffer.alloc(0));
      else answerCall(call, 200, fields, body);
    },
  };
}

/** RFC 9110 §13.1.2: weak comparison. */
function isKnown(condition: string | undefined, etag: string): boolean {
  if (condition === undefined) return false;
  return condition.trim() === '*' || condition.split(',').some(each => each.trim().replace(/^W\//, '') === etag);
}
