// Compiles a Strangler: routes for its features, and below them one that leads
// everything else to legacy.
import { compileExpression } from '../../core/cel/expression.ts';
import { scopeOf } from '../../resources/references/scopes.ts';
import type { Resource } from '../../resources/resource.ts';
import type { Exchange } from '../exchange/exchange.ts';
import { ANY_UPGRADE } from '../http/upgrade-request.ts';
import type { Route } from '../plan/plan.ts';
import type { TargetSpec } from '../plan/plan-context.ts';
import { compileCondition } from '../routing/condition.ts';
import { splitOf } from '../split/split-of.ts';
import { clientHeaders } from '../steps/client-headers.ts';
import { forward, tunnelOr } from '../steps/forward.ts';
import { refuseSpellings } from '../steps/refuse-spellings.ts';
import { rewrite } from '../steps/rewrite.ts';
import { createStickyKey, pointOf, stick } from '../steps/stick.ts';
import type { CompareSettings } from '../strangler/compare/compare-answers.ts';
import { compilePlaces } from '../strangler/compare/ignored-places.ts';
import { PeerGateways } from '../strangler/evidence/peer-gateways.ts';
import { createTally } from '../strangler/evidence/tally.ts';
import { createFacade, type Facade, serveRest } from '../strangler/facade.ts';
import { createFeature, type Feature, type NewSide } from '../strangler/feature.ts';
import { createLegacySide, type LegacySide } from '../strangler/legacy/legacy-side.ts';
import { FeatureRecord } from '../strangler/phase/feature-record.ts';
import { phaseStateAt } from '../strangler/phase/phase-state.ts';
import { createMemorySwitches } from '../strangler/phase/switches.ts';
import { createNormalizer, type Normalizer } from '../strangler/shadow/normalizer.ts';
import { createShadowRoom } from '../strangler/shadow/shadow-room.ts';
import { checkHeaders } from './check-headers.ts';
import type { CompileContext } from './plan-environment.ts';
import { stranglerRoutes } from './strangler-routes.ts';

type FeatureSpec = Resource<'Strangler'>['spec']['features'][number];

export interface CompiledStrangler {
  readonly routes: Route[];
  readonly facade: Facade;
}

/**
 * For each feature: what copies of requests and answers may hold, and how many
 * are asked at the same time.
 */
const SHADOW_ROOM = { bytes: 16 * 1024 * 1024, calls: 64 };

/**
 * Time limit of a function that turns an answer into the compared value. The client has its answer
 * already, so nobody waits for it.
 */
const NORMALIZE_MS = 10_000;

export function compileStrangler(strangler: Resource<'Strangler'>, context: CompileContext): CompiledStrangler {
  const { metadata, spec } = strangler;
  const { namespace, name } = metadata;
  const key = `${namespace}/${name}`;
  const basePath = spec.basePath === '/' ? '' : spec.basePath;
  const addresses = spec.features.flatMap(({ to }) => targetsOf(to).flatMap(({ url }) => url ?? []));
  const legacy = createLegacySide(
    context.target(namespace, { url: spec.legacy.url, reuse: spec.legacy.connections.reuse }),
    spec.legacy,
    addresses,
  );
  const rest = context.state.keep(`strangler/${key}`, () => createTally(0));
  const features = spec.features.map(feature => {
    const compiled = compileFeature(strangler, feature, legacy, context, basePath);
    return { feature: compiled, condition: compileCondition(feature.match) };
  });

  checkHeaders(strangler, context);
  const first = [clientHeaders(spec.headers), refuseSpellings(spec.path)].filter(step => step !== undefined);
  const restRoute = { timeoutMs: spec.legacy.timeout, steps: [...first, serveRest(context.world, legacy, rest)] };
  const routes = (spec.hosts ?? [undefined]).flatMap(host =>
    stranglerRoutes({ namespace, name, host, basePath, path: spec.path, first, restRoute }, features),
  );
  const facade = createFacade(
    namespace,
    name,
    features.map(({ feature }) => feature),
    rest,
  );
  return { routes, facade };
}

function compileFeature(
  { metadata: { namespace, name } }: Resource<'Strangler'>,
  spec: FeatureSpec,
  legacy: LegacySide,
  context: CompileContext,
  basePath: string,
): Feature {
  const { world, log, state, switches = state.keep('strangler-switches', createMemorySwitches) } = context;
  const { evidence } = context;
  const key = `${namespace}/${name}/${spec.name}`;
  const declared = phaseStateAt(spec.phase, spec.canary.percent);
  const windowMs = spec.promote?.window ?? 0;
  const { sample: _share, ...compared } = spec.shadow;
  const question = JSON.stringify(compared);
  return createFeature({
    world,
    log,
    strangler: name,
    name: spec.name,
    origin: `${namespace}/${name}`,
    key,
    methods: spec.match.method === undefined ? [] : [spec.match.method].flat(),
    path: basePath + spec.match.path,
    declared,
    percent: spec.canary.percent,
    stickyKey: createStickyKey(spec.canary.sticky),
    rules: spec.promote,
    peers:
      evidence && spec.promote && state.keep(`strangler-peers/${key}`, () => new PeerGateways(world, evidence, key)),
    sync: spec.sync && {
      topic: spec.sync.topic,
      maxLagMs: spec.sync.maxLag,
      status: () => context.syncs?.statusOf(namespace, name, spec.name),
    },
    moved: () => context.syncs?.moved(),
    question,
    shadow: {
      ...spec.shadow,
      compare: compileComparison(spec.shadow.compare),
      normalizer: compileNormalizer(namespace, spec, context),
    },
    legacy,
    fresh: compileNewSide({ namespace, name }, spec, context, key),
    record: state.keep(
      `strangler/${key}`,
      () => new FeatureRecord({ world, switches, key, declared, windowMs, question }),
    ),
    room: state.keep(`strangler-room/${key}`, () => createShadowRoom(SHADOW_ROOM)),
  });
}

function compileComparison({
  ignore,
  unordered,
  normalize,
  tolerance,
  ...settings
}: FeatureSpec['shadow']['compare']): CompareSettings {
  return {
    ...settings,
    tolerance,
    places: compilePlaces(ignore, unordered),
    normalize:
      typeof normalize === 'string' ? compileExpression(normalize.slice(2, -1), scopeOf('answer'), 'any') : undefined,
  };
}

function compileNormalizer(
  namespace: string,
  { shadow }: FeatureSpec,
  context: CompileContext,
): Normalizer | undefined {
  const { normalize } = shadow.compare;
  if (typeof normalize !== 'object') return undefined;
  return createNormalizer({
    world: context.world,
    target: context.target(namespace, normalize),
    timeoutMs: Math.min(NORMALIZE_MS, functionTimeout(namespace, normalize, context)),
    maxBody: shadow.maxBody,
  });
}

function compileNewSide(
  { namespace, name: strangler }: { readonly namespace: string; readonly name: string },
  spec: FeatureSpec,
  context: CompileContext,
  key: string,
): NewSide {
  const choices = targetsOf(spec.to).map(({ weight, ...to }) => ({
    spec: to,
    weight,
    target: context.target(namespace, to),
    timeoutMs: functionTimeout(namespace, to, context),
  }));
  const [only, ...others] = choices;
  if (only === undefined) throw new Error('a feature without a target cannot pass validation');
  const total = choices.reduce((sum, { weight }) => sum + weight, 0);
  const owner = { kind: 'Strangler', namespace, name: strangler, route: spec.name };
  const target = splitOf({ context, key: `Strangler/${key}`, owner }, choices);
  const sticky = others.length === 0 ? undefined : stick(spec.canary.sticky, `${key}/to`);
  const send = tunnelOr(ANY_UPGRADE, target, forward(target));
  return {
    label: target.label,
    timeoutMs: Math.min(spec.timeout, ...choices.map(({ timeoutMs }) => timeoutMs)),
    rewrite: rewrite({ path: spec.path, headers: spec.headers }),
    send(exchange, steps, index) {
      sticky?.(exchange, steps, index);
      return send(exchange, steps, index);
    },
    pick(exchange: Exchange) {
      if (others.length === 0) return only.target;
      const point = pointOf(exchange.trace.traceId, key) * total;
      let reached = 0;
      for (const { weight, target } of choices) {
        reached += weight;
        if (point < reached) return target;
      }
      return only.target;
    },
  };
}

function targetsOf(to: FeatureSpec['to']): readonly (TargetSpec & { readonly weight: number })[] {
  return Array.isArray(to) ? to : [{ ...to, weight: 1 }];
}

function functionTimeout(namespace: string, target: TargetSpec, { resources }: CompileContext): number {
  if (target.function === undefined) return Number.POSITIVE_INFINITY;
  return resources.get('Function', namespace, target.function)?.spec.timeout ?? Number.POSITIVE_INFINITY;
}
