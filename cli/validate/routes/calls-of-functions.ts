// The calls of Functions that resources declare, with the paths that the Functions get.
import { compileVersion } from '../../../gateway/routing/version.ts';
import type { Target } from '../../../resources/kinds/fields/target.ts';
import type { Kind } from '../../../resources/kinds/kind-names.ts';
import { otherEnd } from '../../../resources/kinds/routes/places-below.ts';
import { markedValues } from '../../../resources/references/marked-values.ts';
import type { AnyResource, Path, Resource } from '../../../resources/resource.ts';
import type { ResourceSet } from '../../../resources/resource-set.ts';
import { withoutExpressions } from './meeting-paths.ts';

export interface FunctionCall {
  readonly resource: AnyResource;
  /** The place where the path is written. */
  readonly place: Path;
  readonly functionName: string;
  /** Empty for all. */
  readonly methods: readonly string[];
  /** The text of the resource. */
  readonly path: string;
  /** The Function gets a path of one of them, with parameters. */
  readonly sent: readonly string[];
  /** Whether letters of either case lead there. */
  readonly ignoresCase: boolean;
  /** The base path that is taken off before the call; empty where there is none. */
  readonly takenOff: string;
}

export function callsOfFunctions(resources: ResourceSet): FunctionCall[] {
  return [
    ...resources.ofKind('Api').flatMap(callsOfApi),
    ...resources.ofKind('Strangler').flatMap(callsOfStrangler),
    ...resources.ofKind('Api').flatMap(callsOfResolvers),
    ...resources.ofKind('Aggregate').flatMap(callsOfParts),
    ...resources.all.flatMap(callsByPost),
  ];
}

function callsOfApi(api: Resource<'Api'>): FunctionCall[] {
  const { basePath, path: options, version } = api.spec;
  const [takenOff = ''] = compileVersion(version, basePath === '/' ? '' : basePath).basePaths;
  return api.spec.routes.flatMap((route, index) => {
    const { match, to, failover, request } = route;
    const own = match.path === '' ? '/' : match.path;
    const other = options.trailingSlash === 'ignore' ? otherEnd(own) : undefined;
    const call =
      request.path === undefined
        ? {
            place: ['spec', 'routes', index, 'match', 'path'],
            path: own,
            sent: [own, ...(other === undefined ? [] : [other])],
          }
        : rewritten(request.path, ['spec', 'routes', index, 'request', 'path']);
    if (call === undefined) return [];
    return functionsOf([to, failover ?? []].flat()).map(functionName => ({
      ...call,
      resource: api,
      functionName,
      methods: [match.method ?? []].flat(),
      ignoresCase: request.path === undefined && !options.caseSensitive,
      takenOff: request.path === undefined ? takenOff : '',
    }));
  });
}

function callsOfStrangler(strangler: Resource<'Strangler'>): FunctionCall[] {
  const { basePath, path: options, features } = strangler.spec;
  return features.flatMap(({ match, to, path }, index) => {
    // It gets the path as clients send it, with the base path.
    const own = `${basePath === '/' ? '' : basePath}${match.path}` || '/';
    const others = [otherEnd(own) ?? own];
    const call =
      path === undefined
        ? { place: ['spec', 'features', index, 'match', 'path'], path: own, sent: [own, ...others] }
        : rewritten(path, ['spec', 'features', index, 'path']);
    if (call === undefined) return [];
    return functionsOf([to].flat()).map(functionName => ({
      ...call,
      resource: strangler,
      functionName,
      methods: [match.method ?? []].flat(),
      ignoresCase: path === undefined && !options.caseSensitive,
      takenOff: '',
    }));
  });
}

function callsOfParts(aggregate: Resource<'Aggregate'>): FunctionCall[] {
  return Object.entries(aggregate.spec.parts).flatMap(([name, part]) =>
    callsOfPart(aggregate, part, ['spec', 'parts', name, 'path']),
  );
}

function callsOfResolvers(api: Resource<'Api'>): FunctionCall[] {
  return Object.entries(api.spec.graphql?.resolvers ?? {}).flatMap(([name, resolver]) =>
    callsOfPart(api, resolver, ['spec', 'graphql', 'resolvers', name, 'path']),
  );
}

type Part = Pick<Resource<'Aggregate'>['spec']['parts'][string], 'to' | 'method' | 'path'>;

function callsOfPart(resource: AnyResource, { to, method, path }: Part, place: Path): FunctionCall[] {
  const call = rewritten(path, place);
  if (call === undefined) return [];
  const rest = { resource, methods: [method], ignoresCase: false, takenOff: '' };
  return functionsOf([to].flat()).map(functionName => ({ ...call, ...rest, functionName }));
}

/** All of the Functions that they name get what there is to do by POST at their root. */
const POSTING = new Set<Kind>(['Subscription', 'Queue', 'View', 'Pipeline', 'FanOut']);

/** Aggregates post to it for their answer, Stranglers to compare and to write back. */
function postsTo({ kind }: AnyResource, [, first, ...rest]: Path): boolean {
  if (kind === 'Aggregate') return first === 'response';
  return POSTING.has(kind) || (kind === 'Strangler' && (rest.includes('normalize') || rest.includes('sync')));
}

function callsByPost(resource: AnyResource): FunctionCall[] {
  return markedValues(resource).flatMap(({ path: place, value, marks }) => {
    if (marks.reference !== 'Function' || typeof value !== 'string' || !postsTo(resource, place)) return [];
    const call = { path: '/', sent: ['/'], methods: ['POST'], ignoresCase: false, takenOff: '' };
    return [{ ...call, resource, place: place.slice(0, -1), functionName: value }];
  });
}

function rewritten(path: string, place: Path): Pick<FunctionCall, 'place' | 'path' | 'sent'> | undefined {
  const sent = withoutExpressions(path);
  return sent === undefined ? undefined : { place, path, sent: [sent] };
}

function functionsOf(targets: readonly Partial<Pick<Target, 'function'>>[]): string[] {
  return [...new Set(targets.flatMap(target => target.function ?? []))];
}
