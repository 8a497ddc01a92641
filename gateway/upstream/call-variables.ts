// The variables of expressions for a call of our own: its own request, and who asked for it.

import { parseExactly } from '../../core/units/whole-numbers.ts';
import type { Call } from '../exchange/target.ts';
import { createVariables, type RequestVariables, type VariableSource } from '../exchange/variables.ts';

interface VariablesInit extends Pick<Call, 'method' | 'path' | 'headers' | 'body'> {
  readonly asker?: Pick<RequestVariables, 'params' | 'claims' | 'consumer'>;
}

export function variablesOf(init: VariablesInit): RequestVariables {
  return createVariables(new CallSource(init));
}

class CallSource implements VariableSource {
  readonly head: VariableSource['head'];
  readonly params: VariableSource['params'];
  readonly claims: VariableSource['claims'];
  readonly consumer: string | undefined;
  readonly #body: VariablesInit['body'];
  #parsed: unknown;

  constructor({ method, path, headers, body, asker }: VariablesInit) {
    const mark = path.indexOf('?');
    this.head = {
      method,
      path: mark === -1 ? path : path.slice(0, mark),
      query: mark === -1 ? '' : path.slice(mark),
      host: '',
      fields: headers,
    };
    this.params = asker?.params ?? {};
    this.claims = asker?.claims;
    this.consumer = asker?.consumer;
    this.#body = body;
  }

  get parsedBody(): unknown {
    const body = this.#body;
    if (typeof body === 'string' || Buffer.isBuffer(body)) this.#parsed ??= parseQuietly(String(body));
    return this.#parsed;
  }
}

function parseQuietly(text: string): unknown {
  try {
    return parseExactly(text);
  } catch {
    return null;
  }
}
