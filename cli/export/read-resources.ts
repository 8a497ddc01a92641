// The resources that are exported: those of files, or those that a running platform has in force.
import { TenfoldError } from '../../core/errors.ts';
import { counted } from '../../core/units/counted.ts';
import { loadText } from '../../resources/load/load-text.ts';
import { createResourceSet, type ResourceSet } from '../../resources/resource-set.ts';
import type { AdminClient } from '../platform/admin-client.ts';
import { countProblems } from '../problems/format-problems.ts';
import type { Terminal } from '../terminal.ts';
import { loadPaths } from '../validate/load-paths.ts';

export async function readFromFiles(
  paths: readonly string[],
  namespace: string | undefined,
  terminal: Terminal,
): Promise<ResourceSet> {
  const { resources, problems } = await loadPaths(paths, terminal);
  const errors = problems.filter(found => found.severity === 'error');
  if (errors.length > 0) {
    throw new TenfoldError('invalid-resource', `The resources have ${countProblems(errors)}, so nothing is exported.`);
  }
  return createResourceSet(
    resources.all.filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace),
  );
}

/** A resource whose newest version has mistakes is left out, and a warning says so. */
export async function readFromPlatform(
  client: Pick<AdminClient, 'resources' | 'resource'>,
  namespace: string | undefined,
  terminal: Terminal,
): Promise<ResourceSet> {
  const { items } = await client.resources({ namespace });
  const all = [];
  const left: string[] = [];
  for (const item of items) {
    const { manifest } = await client.resource(item.kind, item.namespace, item.name);
    const loaded = loadText('platform', JSON.stringify(withoutStatus(manifest)));
    if (loaded.resources.length === 0) left.push(`${item.kind} ${item.name}`);
    all.push(...loaded.resources);
  }
  if (left.length > 0) {
    const verb = left.length === 1 ? 'has' : 'have';
    terminal.say(
      `${terminal.err.yellow('warning')}: ${counted(left.length, 'resource')} ${verb} mistakes and ${verb === 'has' ? 'is' : 'are'} not exported: ${left.join(', ')}.`,
    );
  }
  return createResourceSet(all);
}

function withoutStatus(manifest: unknown): unknown {
  if (typeof manifest !== 'object' || manifest === null) return manifest;
  const { status: _status, ...rest } = manifest as Readonly<Record<string, unknown>>;
  return rest;
}
