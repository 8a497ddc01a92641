// The envelope of a plain body: type, source and subject of its event, by the way it came in.
import { evaluateIfSet } from '../../core/cel/optional.ts';
import { compileTemplate } from '../../core/cel/template.ts';
import { TenfoldError } from '../../core/errors.ts';
import { CALLER_HEADER } from '../../core/wire.ts';
import { scopeOf } from '../../resources/references/scopes.ts';
import type { Call } from '../exchange/target.ts';
import { fieldOf } from '../http/fields.ts';
import type { Envelope } from './incoming.ts';

export type EnvelopeOf = (call: Call) => Envelope;

/** The `event` of a route. */
export interface EnvelopeSpec {
  readonly type?: string | undefined;
  readonly source?: string | undefined;
  readonly subject?: string | undefined;
}

/** At an endpoint of our own: the function that calls is the source. */
export function envelopeOfEndpoint(name: string, endpoint: 'topics' | 'queues' | 'fan-outs'): EnvelopeOf {
  const unknown = `/${endpoint}/${name}`;
  return call => {
    const caller = fieldOf(call.headers, CALLER_HEADER);
    return { type: name, source: caller === undefined ? unknown : `/functions/${encodeURIComponent(caller)}` };
  };
}

/** On a route: as it declares, else its address. */
export function envelopeOfRoute(spec: EnvelopeSpec, name: string, address: string): EnvelopeOf {
  const scope = scopeOf('request');
  const compile = (text: string | undefined) =>
    text === undefined ? undefined : compileTemplate(text, scope, { expected: 'string' });
  const type = compile(spec.type);
  const source = compile(spec.source);
  const subject = compile(spec.subject);
  return call => {
    const { variables } = call;
    const textOf = (template: typeof type) => {
      const value = template && evaluateIfSet(template, variables);
      return value === undefined ? undefined : refuseEmpty(String(value));
    };
    return { type: textOf(type) ?? name, source: textOf(source) ?? address, subject: textOf(subject) };
  };
}

function refuseEmpty(text: string): string {
  if (text !== '' && !/[\u0000-\u001f\u007f-\u009f]|\p{Surrogate}/u.test(text)) return text;
  throw new TenfoldError(
    'bad-request',
    'The request makes an attribute of the event empty, or puts characters into it that none may hold.',
  );
}
