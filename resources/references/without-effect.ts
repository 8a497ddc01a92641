// Members that are valid and yet change nothing, because of what else the resource says: named,
// never ignored in silence.
import type { AnyResource, Path, Resource, ResourceProblem } from '../resource.ts';
import { isWritten } from '../written.ts';
import { type Check, problemAt } from './check.ts';

type Found = readonly [path: Path, why: string];

/** The settings for instances, of which a Function by url has none. */
const OF_INSTANCES = [
  ...['concurrency', 'maxBody', 'scale', 'visibility', 'env', 'resources', 'port', 'provider', 'serviceAccount'],
  'imagePullSecrets',
  'canary',
  'probes',
  'permissions',
] as const;
const EVENT_TARGETS = ['topic', 'queue', 'fanOut'] as const;

export const withoutEffect: Check = ({ resources }) => [
  ...resources.ofKind('Function').flatMap(one => problemsOf(one, ofFunction(one))),
  ...resources.ofKind('Api').flatMap(one => problemsOf(one, ofApi(one))),
  ...resources.ofKind('Aggregate').flatMap(one => problemsOf(one, ofAggregate(one))),
  ...resources.ofKind('Pipeline').flatMap(one => problemsOf(one, ofPipeline(one))),
];

function ofFunction({ spec }: Resource<'Function'>): Found[] {
  if (spec.url === undefined) return [];
  return OF_INSTANCES.map(member => [
    ['spec', member],
    'a Function with a url is called where it is, and not started or stopped',
  ]);
}

function ofApi({ spec }: Resource<'Api'>): Found[] {
  const found: Found[] = [];
  if (spec.version && spec.version.by !== 'header') {
    found.push([['spec', 'version', 'header'], `the version is told by ${spec.version.by}`]);
  }
  for (const [index, { match, to, auth }] of spec.routes.entries()) {
    const path: Path = ['spec', 'routes', index];
    if (auth?.webhook?.kind === 'github') {
      found.push([[...path, 'auth', 'webhook', 'tolerance'], 'GitHub signs no time']);
    }
    const targets = [to].flat();
    if (targets.length < 2) found.push([[...path, 'sticky'], 'the route has one target only']);
    const methods = [match.method ?? 'GET'].flat();
    if (!methods.includes('GET') && !methods.includes('HEAD')) {
      found.push([[...path, 'cache'], 'only answers to GET and HEAD are kept, and the route takes neither']);
    }
    if (!targets.some(target => EVENT_TARGETS.some(kind => target[kind] !== undefined))) {
      found.push([[...path, 'event'], 'an event is made for a topic, a queue or a fan-out only']);
    }
  }
  return found;
}

function ofAggregate({ spec }: Resource<'Aggregate'>): Found[] {
  if (spec.response.function === undefined) return [];
  const why = 'the function makes the whole answer';
  return [
    [['spec', 'response', 'status'], why],
    [['spec', 'response', 'headers'], why],
  ];
}

function ofPipeline({ spec }: Resource<'Pipeline'>): Found[] {
  const sinksAt = (path: Path, sinks: typeof spec.to) => sinks.map((sink, index) => ({ sink, path: [...path, index] }));
  const ofBranches = spec.steps.flatMap(({ branch = [] }, index) =>
    branch.flatMap(({ to }, number) => sinksAt(['spec', 'steps', index, 'branch', number, 'to'], to)),
  );
  return [...sinksAt(['spec', 'to'], spec.to), ...ofBranches]
    .filter(({ sink }) => sink.topic === undefined && sink.queue === undefined)
    .map(({ path }) => [[...path, 'key'], 'events get a key on their way to a topic or a queue only']);
}

function problemsOf(resource: AnyResource, found: readonly Found[]): ResourceProblem[] {
  return found.flatMap(([path, why]) => {
    if (!isWritten(resource, path)) return [];
    const message = `"${String(path.at(-1))}" has no effect here: ${why}. Remove it.`;
    return [problemAt(resource, path, { severity: 'warning', part: 'key', message })];
  });
}
