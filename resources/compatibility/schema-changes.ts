// Problems of changes to the schemas of Topics, at the place in the new file. `validate` compares
// files with other files, and `apply` with a cluster.
import { type SchemaBreak, schemaBreaks } from '../../core/json-schema/schema-breaks.ts';
import { unmaskedFields } from '../../core/json-schema/unmasked-fields.ts';
import { pathOfPointer } from '../load/path.ts';
import { problemAt } from '../references/check.ts';
import { type AnyResource, type Resource, type ResourceProblem, resourceKey } from '../resource.ts';
import { readersOfTopic } from './readers-of-topic.ts';

type Topic = Resource<'Topic'>;

export interface SchemaChanges {
  /** The Topics that there are. */
  readonly before: readonly Topic[];
  /** The Topics that are to take their place; each says by `compatibility` what may change. */
  readonly after: readonly Topic[];
  /** Resources that may read the Topics, from before and after. */
  readonly readers: readonly AnyResource[];
}

/**
 * Errors for changes that break readers; warnings for those that do so only by chance, and for
 * fields that are masked no longer.
 */
export function schemaChangeProblems({ before, after, readers }: SchemaChanges): ResourceProblem[] {
  const known = new Map(before.map(topic => [keyOf(topic), topic]));
  return after.flatMap(topic => {
    const old = known.get(keyOf(topic));
    return old ? [...unmasked(old, topic), ...problemsOf(old, topic, readers)] : [];
  });
}

/** A mark holds for whoever looks, so that events from before are shown by the marks of today. */
function unmasked(old: Topic, topic: Topic): ResourceProblem[] {
  const { schema } = topic.spec;
  return unmaskedFields(old.spec.schema, schema).map(field => {
    const where = field === '' ? 'The data' : `The field ${field}`;
    const message = `${where} of the Topic "${topic.metadata.name}" is no longer marked as x-sensitive. Everybody who may look at its events will see the field, also in events from before. Keep the mark if they must not.`;
    const path = schema === undefined ? ['spec'] : ['spec', 'schema'];
    return problemAt(topic, path, { severity: 'warning', part: 'key', message });
  });
}

function problemsOf(old: Topic, topic: Topic, readers: readonly AnyResource[]): ResourceProblem[] {
  const { schema, compatibility } = topic.spec;
  const { name } = topic.metadata;
  if (old.spec.schema === undefined && schema !== undefined) {
    if (compatibility === 'none' || compatibility === 'forward') return [];
    const message = `The Topic "${name}" had no schema before, so its log may hold events that do not match this one. Readers still get them.`;
    return [problemAt(topic, ['spec', 'schema'], { severity: 'warning', part: 'key', message })];
  }
  if (old.spec.schema !== undefined && schema === undefined) {
    if (compatibility === 'none' || compatibility === 'backward') return [];
    const read = sayReaders(readersOfTopic(topic, '', readers));
    const message = `The Topic "${name}" has no schema any more, but its compatibility is ${compatibility}. Readers with the old schema may get any event. ${read} Keep the schema, or set compatibility: backward.`;
    return [problemAt(topic, ['spec', 'compatibility'], { message })];
  }
  return schemaBreaks(old.spec.schema, schema, compatibility).map(found => {
    const path = ['spec', 'schema', ...pathOfPointer(found.pointer)];
    const severity = found.certainty === 'possible' ? 'warning' : 'error';
    const read = sayReaders(readersOfTopic(topic, found.field, readers));
    const message = `${sayWhat(topic, found)} ${found.message} ${read}${severity === 'error' ? ` ${adviceFor(found)}` : ''}`;
    return problemAt(topic, path, { severity, part: 'key', message });
  });
}

function sayWhat(
  { metadata: { name }, spec: { compatibility } }: Topic,
  { field, certainty, direction }: SchemaBreak,
): string {
  const where = field === '' ? 'the data' : field;
  if (certainty === 'possible')
    return `The Topic "${name}" says ${direction === 'backward' ? 'more' : 'less'} of ${where} than before.`;
  const verb = certainty === 'unknown' ? 'may break' : 'breaks';
  return `The change of ${where} ${verb} readers of the Topic "${name}", whose compatibility is ${compatibility}.`;
}

function sayReaders(readers: readonly string[]): string {
  if (readers.length === 0) return 'No resource here reads the Topic; others may.';
  return `${readers.join(', ')} ${readers.length === 1 ? 'reads' : 'read'} the Topic.`;
}

function adviceFor({ certainty }: SchemaBreak): string {
  const first = certainty === 'unknown' ? 'Leave that part as it was' : 'Add an optional field instead';
  return `${first}, or publish the new shape to a new Topic. If no reader minds, set compatibility: none for this change.`;
}

function keyOf({ kind, metadata }: Topic): string {
  return resourceKey(kind, metadata.namespace, metadata.name);
}
