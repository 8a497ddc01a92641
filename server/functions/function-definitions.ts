// Turns Function resources into what a host runs, and names what a laptop cannot honour.
import { dirname, resolve } from 'node:path';
import type { FunctionDefinition, Permissions } from '../../drivers/function-host/function-host.ts';
import type { SecretReader } from '../../gateway/plan/plan-context.ts';
import { healthOf } from '../../resources/health-of-function.ts';
import type { Finding, Resource } from '../../resources/resource.ts';
import type { ResourceSet } from '../../resources/resource-set.ts';
import { isWritten } from '../../resources/written.ts';

export interface Definitions {
  readonly definitions: readonly FunctionDefinition[];
  readonly problems: readonly Finding[];
}

/** Members of a Function that only a cluster has a use for. */
const CLUSTER_ONLY = [
  ...['resources', 'provider', 'canary', 'serviceAccount', 'imagePullSecrets', 'port', 'visibility'],
] as const;

/**
 * Values of Secrets come from the laptop's own, values of both Secrets and ConfigMaps else from
 * `environment`, by the name of the variable that they fill.
 */
export function toFunctionDefinitions(
  resources: ResourceSet,
  environment: NodeJS.ProcessEnv,
  secrets: SecretReader,
): Definitions {
  const definitions: FunctionDefinition[] = [];
  const problems: Finding[] = [];
  for (const resource of resources.ofKind('Function')) {
    const run = toRun(resource);
    if (run.by === 'image') {
      const message =
        'An image cannot run on a laptop. Give a source to run its code here, or the url where the container already listens.';
      problems.push({ severity: 'error', resource, path: ['spec', 'image'], message });
      continue;
    }
    for (const member of CLUSTER_ONLY) {
      // The check of resources reports settings that a Function with a url has no use for.
      if (run.by === 'url' || !isWritten(resource, ['spec', member])) continue;
      const message = `"${member}" has an effect in a cluster only; it is checked here and otherwise left alone.`;
      problems.push({ severity: 'warning', resource, path: ['spec', member], message });
    }
    if (run.by !== 'url' && resource.spec.scale.target !== undefined) {
      const message =
        '"target" has an effect in a cluster only; on a laptop a further instance starts when all others are at their concurrency.';
      problems.push({ severity: 'warning', resource, path: ['spec', 'scale', 'target'], message });
    }
    const env = run.by === 'url' ? {} : toEnvironment(resource, environment, secrets, problems);
    definitions.push(toDefinition(resource, run, env));
  }
  return { definitions, problems };
}

/**
 * In a cluster a provider runs functions that have no address already, and gives them their
 * variables.
 */
export function toClusterDefinitions(resources: ResourceSet): Definitions {
  const definitions = resources.ofKind('Function').map(resource => {
    const { url } = resource.spec;
    return toDefinition(resource, url === undefined ? { by: 'provider' } : { by: 'url', url }, {});
  });
  return { definitions, problems: [] };
}

function toDefinition(
  resource: Resource<'Function'>,
  run: FunctionDefinition['run'],
  env: Readonly<Record<string, string>>,
): FunctionDefinition {
  const { spec, metadata } = resource;
  const fixed = spec.scale.replicas;
  return {
    name: metadata.name,
    namespace: metadata.namespace,
    run,
    concurrency: spec.concurrency,
    minInstances: fixed ?? spec.scale.min,
    maxInstances: fixed ?? spec.scale.max,
    timeoutMs: spec.timeout,
    maxBodyBytes: spec.maxBody,
    idleMs: spec.scale.idle,
    env,
    ...(run.by === 'source' ? toPermissions(resource) : {}),
    health: run.by === 'url' ? undefined : healthOf({ spec }),
  };
}

function toRun(resource: Resource<'Function'>): FunctionDefinition['run'] {
  const { source, url, image = '' } = resource.spec;
  if (source !== undefined) return { by: 'source', file: resolve(dirname(resource.origin.file), source) };
  return url === undefined ? { by: 'image', image } : { by: 'url', url };
}

function toPermissions({ spec, origin }: Resource<'Function'>): { readonly permissions?: Permissions } {
  if (spec.permissions === undefined) return {};
  const { read = [], write = [], allow = [] } = spec.permissions;
  const absolute = (path: string) => resolve(dirname(origin.file), path);
  return { permissions: { read: read.map(absolute), write: write.map(absolute), allow } };
}

function toEnvironment(
  resource: Resource<'Function'>,
  environment: NodeJS.ProcessEnv,
  secrets: SecretReader,
  problems: Finding[],
): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [index, { name, value, valueFrom }] of (resource.spec.env ?? []).entries()) {
    const secret = valueFrom?.secretKeyRef;
    const kept = secret && secrets(resource.metadata.namespace, secret.name)?.[secret.key];
    const given = value ?? kept ?? environment[name];
    if (given !== undefined) {
      env[name] = given;
      continue;
    }
    const reference = secret ?? valueFrom?.configMapKeyRef;
    if (reference?.optional) continue;
    const file = secret ? ` or write .tenfold/secrets/${resource.metadata.namespace}/${secret.name}.json` : '';
    const message = `This laptop has no such Secret or ConfigMap: set the variable ${name} where tenfold is started${file}, and the function gets it.`;
    problems.push({ severity: 'warning', resource, path: ['spec', 'env', index, 'valueFrom'], message });
  }
  return env;
}
