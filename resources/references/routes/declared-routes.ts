// The patterns that the routes of an Api or a Strangler certainly match. A valid resource gives all
// of its patterns, an invalid one those that its mistakes do not touch.
import type * as z from 'zod';
import type { PathFolds } from '../../../core/paths/path-spelling.ts';
import { apiSpec } from '../../kinds/api.ts';
import { foldsOf } from '../../kinds/routes/path-options.ts';
import { routeMatch } from '../../kinds/routes/route.ts';
import { featureMatch, stranglerSpec } from '../../kinds/strangler.ts';
import { valueAt } from '../../load/path.ts';
import type { Draft, Resource } from '../../resource.ts';
import type { Declared } from '../declared.ts';
import { certainAt } from '../sound.ts';

interface Matching<M> {
  /** Its place in the list. */
  readonly index: number;
  readonly match: M;
}

export interface DeclaredApi extends Pick<Resource<'Api'>['spec'], 'version' | 'basePath'> {
  /** Undefined: letter by letter, or not certain. */
  readonly folds: PathFolds | undefined;
  /** Undefined when they are not certain. */
  readonly hosts: readonly string[] | undefined;
  readonly routes: readonly Matching<z.output<typeof routeMatch>>[];
}

export interface DeclaredStrangler extends Pick<Resource<'Strangler'>['spec'], 'basePath'> {
  readonly folds: PathFolds | undefined;
  readonly hosts: readonly string[];
  readonly features: readonly Matching<z.output<typeof featureMatch>>[];
}

const ANY_HOST = ['*'];

/** Undefined for other kinds, and where nothing of its paths is certain. */
export function declaredApi(resource: Declared): DeclaredApi | undefined {
  if (resource.kind !== 'Api') return undefined;
  if ('spec' in resource) {
    const { hosts = ANY_HOST, version, basePath, routes, path } = resource.spec;
    return {
      hosts,
      version,
      basePath,
      folds: foldsOf(path),
      routes: routes.map(({ match }, index) => ({ index, match })),
    };
  }
  const { shape } = apiSpec;
  const hosts = certainAt(resource, ['spec', 'hosts'], shape.hosts);
  const version = certainAt(resource, ['spec', 'version'], shape.version);
  const basePath = certainAt(resource, ['spec', 'basePath'], shape.basePath);
  if (!version || !basePath) return undefined;
  return {
    hosts: hosts && (hosts.value ?? ANY_HOST),
    version: version.value,
    basePath: basePath.value,
    folds: certainFolds(resource, shape.path),
    routes: certainMatches(resource, 'routes', routeMatch),
  };
}

export function declaredStrangler(resource: Declared): DeclaredStrangler | undefined {
  if (resource.kind !== 'Strangler') return undefined;
  if ('spec' in resource) {
    const { hosts = ANY_HOST, basePath, features, path } = resource.spec;
    return { hosts, basePath, folds: foldsOf(path), features: features.map(({ match }, index) => ({ index, match })) };
  }
  const { shape } = stranglerSpec;
  const hosts = certainAt(resource, ['spec', 'hosts'], shape.hosts);
  const basePath = certainAt(resource, ['spec', 'basePath'], shape.basePath);
  if (!hosts || !basePath) return undefined;
  return {
    hosts: hosts.value ?? ANY_HOST,
    basePath: basePath.value,
    folds: certainFolds(resource, shape.path),
    features: certainMatches(resource, 'features', featureMatch),
  };
}

function certainFolds(draft: Draft, schema: typeof apiSpec.shape.path): PathFolds | undefined {
  const found = certainAt(draft, ['spec', 'path'], schema);
  return found && foldsOf(found.value);
}

function certainMatches<S extends z.ZodType>(draft: Draft, list: string, schema: S): Matching<z.output<S>>[] {
  const written = valueAt(draft.manifest, ['spec', list]);
  if (!Array.isArray(written)) return [];
  return written.flatMap((_, index) => {
    const match = certainAt(draft, ['spec', list, index, 'match'], schema);
    return match ? [{ index, match: match.value }] : [];
  });
}
