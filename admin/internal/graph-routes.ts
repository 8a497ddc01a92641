// The graph of the application: nodes of all kinds, and what goes along the edges between them.
import { TenfoldError } from '../../core/errors.ts';
import { toTimestamp } from '../../core/world.ts';
import type { Gathered } from '../gathered.ts';
import { type Graph, type GraphQuery, graphGroups } from '../graph/graph-view.ts';
import { narrowGraph } from '../graph/narrow.ts';
import { readKind } from '../kind-names.ts';
import { fromLook } from '../live/from-look.ts';
import { type AdminRoute, route } from '../routing/route.ts';

const DEEPEST = 10;
/** The kinds of nodes that are no resources. */
const OUTSIDE = ['Listener', 'Url', 'Cache', 'Archive'];

export const graphRoutes: readonly AdminRoute[] = [
  route({
    method: 'GET',
    path: '/graph',
    does: 'Shows what leads to what, with rates, errors and lag on the edges.',
    needs: 'view',
    where: 'query',
    query: ['namespace', 'kind', 'node', 'depth', 'group'],
    answer: call => {
      const asked = toQuery(call.query);
      return fromLook(call, async gathered => {
        const whole = await call.graphs(gathered);
        return { answer: narrowGraph(whole, asked, call.scope), lasts: standsStill(whole, gathered) };
      });
    },
  }),
];

/** A rate changes by the passing of time, until it is 0. */
function standsStill({ at, edges }: Graph, gathered: Gathered | undefined): boolean {
  return (
    gathered !== undefined &&
    at === toTimestamp(gathered.at) &&
    edges.every(({ flow }) => flow === undefined || (flow.perSecond === 0 && flow.errorsPerSecond === 0))
  );
}

function toQuery({
  namespace,
  kind,
  node,
  depth,
  group,
}: Partial<Record<'namespace' | 'kind' | 'node' | 'depth' | 'group', string>>): GraphQuery {
  if (depth !== undefined && node === undefined) {
    throw new TenfoldError('bad-request', '"depth" goes with "node", whose neighbours it counts.');
  }
  const known = graphGroups.find(each => each === group);
  if (group !== undefined && known === undefined) {
    throw new TenfoldError('bad-request', `"group" must be one of ${graphGroups.join(', ')}.`);
  }
  return { namespace, kinds: kind?.split(',').map(toNodeKind), node, depth: readDepth(depth), group: known };
}

function toNodeKind(text: string): string {
  return OUTSIDE.find(each => each.toLowerCase() === text.toLowerCase()) ?? readKind(text);
}

function readDepth(text: string | undefined): number {
  if (text === undefined) return 1;
  const depth = Number(text);
  if (/^\d{1,2}$/.test(text) && depth >= 1 && depth <= DEEPEST) return depth;
  throw new TenfoldError('bad-request', `"depth" must be a whole number from 1 to ${DEEPEST}.`);
}
