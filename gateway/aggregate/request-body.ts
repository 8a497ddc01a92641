// Reads the JSON body of a request for an aggregate that needs it, within bounds.

import type { Readable } from 'node:stream';
import { TenfoldError } from '../../core/errors.ts';
import type { JsonSchema } from '../../core/json-schema/json-schema.ts';
import { parseExactly, toDoubles } from '../../core/units/whole-numbers.ts';
import { collect } from '../exchange/read-body.ts';
import type { Call } from '../exchange/target.ts';
import type { RequestVariables } from '../exchange/variables.ts';

export interface BodyRules {
  readonly maxBody: number;
  readonly schema: JsonSchema | undefined;
}

/**
 * The variables of the call with the parsed body; null without one. Rejects with the fault of the
 * body.
 */
export async function withBody(call: Call, rules: BodyRules): Promise<RequestVariables> {
  const { variables } = call;
  const body = variables.request.body ?? (await readJson(call.body, rules.maxBody));
  const violations = rules.schema?.validate(toDoubles(body)) ?? [];
  if (violations.length > 0) {
    throw new TenfoldError('invalid-input', 'The body does not match the schema of the request.', {
      extensions: { violations },
    });
  }
  // The getters of the others stay what they are: most are never asked.
  const request = Object.defineProperties(Object.create(null), Object.getOwnPropertyDescriptors(variables.request));
  Object.defineProperty(request, 'body', { value: body, enumerable: true });
  return { request, params: variables.params, claims: variables.claims, consumer: variables.consumer };
}

async function readJson(body: Readable | Buffer | string | null, maxBody: number): Promise<unknown> {
  if (body === null) return null;
  const bytes = typeof body === 'string' || Buffer.isBuffer(body) ? body : await collect(body, maxBody);
  if (bytes.length === 0) return null;
  if (bytes.length > maxBody)
    throw new TenfoldError('body-too-large', `The body may have at most ${maxBody} bytes here.`);
  try {
    return parseExactly(bytes.toString());
  } catch {
    throw new TenfoldError('invalid-input', 'The body is not JSON.');
  }
}
