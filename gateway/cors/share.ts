// The step that lets pages of allowed origins read the answers of a route; what a target says
// of it itself is replaced.
import { TenfoldError } from '../../core/errors.ts';
import type { ResponseFilter } from '../exchange/response-filter.ts';
import type { Step } from '../exchange/step.ts';
import type { Cors } from '../http/cors.ts';
import { fieldOf } from '../http/fields.ts';

export function share(cors: Cors): Step {
  const { exposeHeaders } = cors.spec;
  const expose = exposeHeaders.length === 0 ? [] : ['access-control-expose-headers', exposeHeaders.join(', ')];
  return exchange => {
    exchange.response.addFilter(dropGrants);
    const origin = fieldOf(exchange.request.head.fields, 'origin');
    // Also without an origin, and for one that is refused: a cache must not
    // give this answer to another.
    if (!cors.open) exchange.response.addFields('vary', 'origin');
    if (origin === undefined) return;
    if (cors.allows(origin)) {
      exchange.response.addFields(...cors.grant(origin), ...expose);
    } else if (exchange.request.clientSide && !origin.endsWith(`//${exchange.request.head.authority}`)) {
      // A browser asks nobody before it opens a WebSocket for a page of any origin, with
      // all of the user's cookies.
      exchange.fail(
        new TenfoldError('forbidden', 'Pages of this origin may not open connections here.', {
          reason: 'origin.refused',
        }),
      );
    }
  };
}

/** The same for all requests. */
const dropGrants: ResponseFilter = { filterHead: ({ fields }) => withoutGrants(fields) };

function withoutGrants(fields: string[]): void {
  let kept = 0;
  for (let index = 0; index < fields.length; index += 2) {
    const name = fields[index] ?? '';
    if (name.length > 14 && name.slice(0, 15).toLowerCase() === 'access-control-') continue;
    fields[kept++] = name;
    fields[kept++] = fields[index + 1] ?? '';
  }
  fields.length = kept;
}
