// The stream of changes: the state of everything, then what changes, for as long as its reader
// stays.
import { TenfoldError } from '../../core/errors.ts';
import { namespacesOf } from '../access/scope.ts';
import { callerOf } from '../guards/require-caller.ts';
import { readKind } from '../kind-names.ts';
import { readSubjects } from '../live/change-filter.ts';
import { ChangeStream } from '../live/change-stream.ts';
import { type AdminRoute, route } from '../routing/route.ts';

const FROM =
  '"from" must be latest, for what changes from now on. Leave it out for the whole state and then each change.';

export const changeRoutes: readonly AdminRoute[] = [
  route({
    method: 'GET',
    path: '/changes',
    does: 'Tells the state of everything as server-sent events, and then each change; `from=latest` tells changes alone.',
    needs: 'view',
    where: 'query',
    query: ['what', 'kind', 'namespace', 'name', 'from'],
    events: true,
    answer({ whole, scope, query, signal, response, live, onScope }) {
      const { what, kind, namespace, name, from } = query;
      if (from !== undefined && from !== 'latest') throw new TenfoldError('bad-request', FROM);
      const filter = {
        what: readSubjects(what),
        kind: kind === undefined ? undefined : readKind(kind),
        namespace,
        name,
      };
      if (response.req.method === 'HEAD') return void response.type('text/event-stream').end();
      const stream = new ChangeStream({
        live,
        response,
        caller: callerOf(response).name,
        filter,
        scope,
        namespaces: () => namespacesOf(whole),
        isLoaded: () => whole.catalog.current !== undefined,
        fromLatest: from === 'latest',
        lastId: response.req.get('last-event-id'),
      });
      onScope(now => stream.rescope(now));
      signal.addEventListener('abort', () => {
        if (signal.reason instanceof TenfoldError) stream.end(signal.reason);
      });
    },
  }),
];
