// The step that tells clients that a route goes away (RFC 9745, RFC 8594), and
// answers 410 once it is gone.
import { TenfoldError } from '../../core/errors.ts';
import type { Step } from '../exchange/step.ts';

export interface DeprecationSpec {
  readonly since?: string | undefined;
  readonly sunset?: string | undefined;
  readonly link?: string | undefined;
}

export function deprecate({ since, sunset, link }: DeprecationSpec): Step | undefined {
  const fields: string[] = [];
  // RFC 9745 §2.1: a date as structured field, seconds since 1970.
  if (since !== undefined) fields.push('deprecation', `@${Math.floor(Date.parse(since) / 1000)}`);
  if (sunset !== undefined) fields.push('sunset', new Date(sunset).toUTCString());
  if (link !== undefined) {
    const relations = [
      ...(since !== undefined || sunset === undefined ? ['deprecation'] : []),
      ...(sunset ? ['sunset'] : []),
    ];
    fields.push('link', `<${link}>; rel="${relations.join(' ')}"`);
  }
  if (fields.length === 0) return undefined;
  const endsAt = sunset === undefined ? Number.POSITIVE_INFINITY : Date.parse(sunset);
  const instead = link === undefined ? '' : ` See ${link} for what to use instead.`;
  return exchange => {
    exchange.response.addFields(...fields);
    if (exchange.world.now() < endsAt) return;
    exchange.fail(
      new TenfoldError('gone', `This was served until ${new Date(endsAt).toISOString()}.${instead}`, {
        reason: 'route.retired',
      }),
    );
  };
}
