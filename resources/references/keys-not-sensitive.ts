// Keys and folders of archives that are made of sensitive values: a warning, as people see the keys
// of events and the paths of files.
import { compileTemplate } from '../../core/cel/template.ts';
import { createSchemaCompiler } from '../../core/json-schema/json-schema.ts';
import { maskerOf } from '../../core/json-schema/sensitive.ts';
import type { Resource, ResourceProblem } from '../resource.ts';
import { type Check, problemAt } from './check.ts';
import { scopeOf } from './scopes.ts';

export const keysNotSensitive: Check = ({ resources }) => {
  const compile = createSchemaCompiler({ draftChecked: true });
  return [...resources.ofKind('Topic'), ...resources.ofKind('Queue')].flatMap(resource => {
    const { key, schema } = resource.spec;
    const found = key === undefined ? undefined : sensitiveIn(key, schema, compile);
    if (found === undefined) return [];
    const message = `Everybody who looks at events sees their keys, and ${found} is sensitive. Take another value, such as an id, or a hash of several values.`;
    return [problemAt(resource, ['spec', 'key'], { severity: 'warning', message })];
  });
};

type PipelineSpec = Resource<'Pipeline'>['spec'];
type Step = Omit<PipelineSpec['steps'][number], 'branch'> & Partial<Pick<PipelineSpec['steps'][number], 'branch'>>;
type Path = readonly (string | number)[];

/** Of archives of the events of the Topic; behind a step that makes others, nobody knows. */
export const foldersNotSensitive: Check = ({ resources }) => {
  const compile = createSchemaCompiler({ draftChecked: true });
  return resources.ofKind('Pipeline').flatMap(pipeline => {
    const { metadata, spec } = pipeline;
    const schema = resources.get('Topic', metadata.namespace, spec.from.topic)?.spec.schema;
    if (schema === undefined) return [];
    return archivesIn(spec.steps, spec.to, ['spec']).flatMap(({ folders, path }) =>
      Object.entries(folders).flatMap(([name, text]): ResourceProblem[] => {
        const found = sensitiveIn(text, schema, compile);
        if (found === undefined) return [];
        const message = `Everybody who lists the files of the archive sees the folder "${name}" in their paths, and ${found} is sensitive. Take another value, or a hash of it.`;
        return [problemAt(pipeline, [...path, name], { severity: 'warning', message })];
      }),
    );
  });
};

interface ArchiveFolders {
  readonly folders: Readonly<Record<string, string>>;
  readonly path: Path;
}

function archivesIn(steps: readonly Step[], to: PipelineSpec['to'] | undefined, path: Path): ArchiveFolders[] {
  const found: ArchiveFolders[] = [];
  for (const [index, step] of steps.entries()) {
    for (const [number, branch] of (step.branch ?? []).entries())
      found.push(...archivesIn(branch.steps, branch.to, [...path, 'steps', index, 'branch', number]));
    if (step.filter === undefined && step.dedupe === undefined && step.branch === undefined) return found;
  }
  for (const [number, { archive }] of (to ?? []).entries())
    if (archive?.folders) found.push({ folders: archive.folders, path: [...path, 'to', number, 'archive', 'folders'] });
  return found;
}

type Schema = Resource<'Topic'>['spec']['schema'];

/** Undefined also where the key or the schema is wrong: other checks tell that. */
function sensitiveIn(
  key: string,
  schema: Schema,
  compile: ReturnType<typeof createSchemaCompiler>,
): string | undefined {
  try {
    const masker = maskerOf(schema, compile);
    if (masker === undefined || HASHED.test(key)) return undefined;
    const { references } = compileTemplate(key, scopeOf('event'), { expected: 'string', whole: true });
    return references.find(each => each.startsWith(DATA) && masker.masks(each.slice(DATA.length).split('.')));
  } catch {
    return undefined;
  }
}

const DATA = 'event.data.';
const HASHED = /\bhash\(/;
