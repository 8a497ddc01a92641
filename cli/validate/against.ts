// Compares the schemas of Topics and the windows of Pipelines with those of other files, as of the
// main branch of a project.
import { schemaChangeProblems } from '../../resources/compatibility/schema-changes.ts';
import { windowChangeProblems } from '../../resources/compatibility/window-changes.ts';
import { problemAt } from '../../resources/references/check.ts';
import { type ResourceProblem, resourceKey } from '../../resources/resource.ts';
import type { ResourceSet } from '../../resources/resource-set.ts';
import type { Terminal } from '../terminal.ts';
import { loadPaths } from './load-paths.ts';

export async function problemsAgainst(
  path: string,
  resources: ResourceSet,
  terminal: Pick<Terminal, 'cwd' | 'stdin'>,
): Promise<ResourceProblem[]> {
  const { resources: old, drafts } = await loadPaths([path], terminal);
  const after = resources.ofKind('Topic');
  const changes = { before: old.ofKind('Topic'), after, readers: [...resources.all, ...old.all] };
  const broken = new Set(
    drafts.map(({ kind, metadata: { namespace, name } }) => resourceKey(kind, namespace, name ?? '')),
  );
  const skipped = after.filter(({ kind, metadata }) =>
    broken.has(resourceKey(kind, metadata.namespace, metadata.name)),
  );
  return [
    ...schemaChangeProblems(changes),
    ...windowChangeProblems({ before: old.ofKind('Pipeline'), after: resources.ofKind('Pipeline') }),
    ...skipped.map(topic =>
      problemAt(topic, ['spec', 'schema'], {
        severity: 'warning',
        part: 'key',
        message: `The Topic "${topic.metadata.name}" has mistakes in ${path}, so nothing compares its schema.`,
      }),
    ),
  ];
}
