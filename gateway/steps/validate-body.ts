// Refuses requests whose JSON body does not match the route's schema, with the
// places where it does not.

import { TenfoldError } from '../../core/errors.ts';
import type { JsonSchema } from '../../core/json-schema/json-schema.ts';
import { parseExactly, toDoubles } from '../../core/units/whole-numbers.ts';
import type { Exchange } from '../exchange/exchange.ts';
import { readBody } from '../exchange/read-body.ts';
import type { Step } from '../exchange/step.ts';
import { fieldOf } from '../http/fields.ts';
import { parseJson } from '../http/parse-json.ts';

/** Methods whose requests are made of a body (RFC 9110 §9.3, RFC 10008 for QUERY). */
const WITH_BODY = new Set(['POST', 'PUT', 'PATCH', 'QUERY']);

export function validateBody(schema: JsonSchema, maxBytes: number): Step {
  return exchange => {
    const { head } = exchange.request;
    if (head.hasBody) return validate(exchange);
    if (WITH_BODY.has(head.method)) throw new TenfoldError('invalid-input', 'This request needs a JSON body.');
  };

  async function validate(exchange: Exchange): Promise<void> {
    const { fields } = exchange.request.head;
    requireJson(fieldOf(fields, 'content-type'), fieldOf(fields, 'content-encoding'));
    const bytes = await readBody(exchange, maxBytes);
    const data = parseJson(bytes, parseExactly);
    const violations = schema.validate(toDoubles(data));
    if (violations.length > 0) {
      const [first] = violations;
      const place = first?.pointer ? `at ${first.pointer}` : 'as a whole';
      throw new TenfoldError('invalid-input', `The body does not match its schema: ${place} it ${first?.message}.`, {
        extensions: { violations },
      });
    }
    exchange.request.parsedBody = data;
  }
}

function requireJson(contentType: string | undefined, encoding: string | undefined): void {
  const [type = '', ...parameters] = (contentType ?? '').toLowerCase().split(';');
  if (!/^application\/(?:[a-z0-9!#$&^_.-]+\+)?json$/.test(type.trim())) {
    throw new TenfoldError('unsupported-media-type', 'The body has to be JSON, with Content-Type application/json.');
  }
  const charset = parameters.map(each => each.trim()).find(each => each.startsWith('charset='));
  if (charset !== undefined && !/^charset="?utf-?8"?$/.test(charset)) {
    throw new TenfoldError('unsupported-media-type', 'JSON is sent in UTF-8.');
  }
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw new TenfoldError('unsupported-media-type', 'The body must not be compressed here.');
  }
}
