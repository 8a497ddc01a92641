// From the text of one file to its resources and their problems.
import type * as z from 'zod';
import { suggest } from '../../core/suggest.ts';
import { API_VERSION, isKind } from '../kinds/index.ts';
import { type Kind, kindNames } from '../kinds/kind-names.ts';
import { manifestSchema } from '../kinds/manifest.ts';
import {
  type AnyResource,
  type Draft,
  type Locate,
  type Metadata,
  type ResourceProblem,
  resourceKey,
} from '../resource.ts';
import { type Mistake, toMistakes } from './issues.ts';
import { objectsOf } from './objects-of.ts';
import { type ParsedDocument, parseDocuments } from './parse-documents.ts';
import { formatPath, valueAt } from './path.ts';
import { mayHoldResources, recognise } from './recognise.ts';

export interface LoadedText {
  readonly resources: readonly AnyResource[];
  readonly problems: readonly ResourceProblem[];
  /**
   * Keys of resources that are declared but not valid: naming them elsewhere is no further mistake.
   */
  readonly broken: readonly string[];
  /** The invalid documents that further checks can read. */
  readonly drafts: readonly Draft[];
}

export type LoadText = typeof loadText;

const NOTHING: LoadedText = { resources: [], problems: [], broken: [], drafts: [] };

/**
 * `file` is only for positions. Files without any resource of ours give nothing, also
 * when they are no valid YAML.
 */
export function loadText(file: string, text: string): LoadedText {
  if (!mayHoldResources(text)) return NOTHING;
  const documents = parseDocuments(file, text)
    .flatMap(objectsOf)
    .map(document => ({ document, recognised: recognise(document.value) }));
  const ours = documents.some(({ recognised }) => recognised !== 'foreign');
  // A file of templates or of another tool may be no YAML at all; one that names our
  // group is meant to be ours.
  if (!ours && !/\btenfold\.dev\//.test(text)) return NOTHING;
  const resources: AnyResource[] = [];
  const problems: ResourceProblem[] = [];
  const broken: string[] = [];
  const drafts: Draft[] = [];
  for (const { document, recognised } of documents) {
    for (const { message, origin } of document.errors)
      problems.push({ severity: 'error', ...origin, path: '', message });
    if (recognised !== 'foreign') {
      for (const { message, origin } of document.warnings)
        problems.push({ severity: 'warning', ...origin, path: '', message });
    }
    if (document.errors.length > 0) {
      broken.push(...keysOfBroken(document.value));
      continue;
    }
    if (recognised === 'foreign') {
      if (ours) problems.push(foreign(document));
    } else if ('mistake' in recognised) {
      const further = ofOtherVersion(document);
      problems.push(toProblem(recognised.mistake, document.locate), ...further.problems);
      broken.push(...keysOfBroken(document.value));
      drafts.push(...further.drafts);
    } else {
      const loaded = loadDocument(recognised.kind, document);
      if ('resource' in loaded) {
        resources.push(loaded.resource);
      } else {
        problems.push(...loaded.problems);
        broken.push(...keysOfBroken(document.value));
        drafts.push(...loaded.drafts);
      }
    }
  }
  return { resources, problems, broken, drafts };
}

/** The key that a document with mistakes most likely has; none when it is unclear. */
function keysOfBroken(value: unknown): string[] {
  const text = (...path: string[]) => {
    const found = valueAt(value, path);
    return typeof found === 'string' ? found : undefined;
  };
  const written = text('kind') ?? '';
  const kind = isKind(written) ? written : suggest(written, kindNames);
  const name = text('metadata', 'name');
  return kind === undefined || name === undefined
    ? []
    : [resourceKey(kind, text('metadata', 'namespace') ?? 'default', name)];
}

/**
 * Kubernetes' own objects may stand beside ours for `kubectl apply`; a warning says that they have
 * no effect here.
 */
function foreign(document: ParsedDocument): ResourceProblem {
  const message = 'This document is not a resource of Tenfold and is ignored.';
  return { severity: 'warning', ...document.origin, path: '', message };
}

function toProblem(mistake: Mistake, locate: Locate): ResourceProblem {
  const { path, at, message, expected, suggestion } = mistake;
  return {
    severity: 'error',
    ...locate(path, at),
    path: formatPath(path),
    message,
    ...(expected === undefined ? {} : { expected }),
    ...(suggestion === undefined ? {} : { suggestion }),
  };
}

/** One document of `kind`, wherever it was read from. */
export function loadDocument(
  kind: Kind,
  document: Pick<ParsedDocument, 'value' | 'origin' | 'locate'>,
): { resource: AnyResource } | { problems: ResourceProblem[]; drafts: Draft[] } {
  const schema = schemas.get(kind) ?? manifestSchema(kind);
  const result = schema.safeParse(document.value);
  if (!result.success) {
    const mistakes = toMistakes(result.error.issues, schema, document.value);
    return {
      problems: mistakes.map(mistake => toProblem(mistake, document.locate)),
      drafts: toDrafts(kind, document, mistakes),
    };
  }
  const { metadata, spec } = result.data as { metadata: Metadata; spec: unknown };
  const { name, namespace, labels, annotations } = metadata;
  // The schema of `kind` made `spec`, which the type system cannot follow
  // through the table of kinds.
  const resource = {
    kind,
    metadata: { name, namespace, labels, annotations },
    spec,
    manifest: document.value,
    origin: document.origin,
    locate: document.locate,
  } as AnyResource;
  return { resource };
}

/** None without a namespace that is certain: what the resource names is looked for there. */
function toDrafts(
  kind: Kind,
  { value, origin, locate }: Pick<ParsedDocument, 'value' | 'origin' | 'locate'>,
  mistakes: readonly Mistake[],
): Draft[] {
  const namespace = valueAt(value, ['metadata', 'namespace']) ?? 'default';
  const uncertain = mistakes.some(({ path: [first, second] }) => first === 'metadata' && second !== 'name');
  if (typeof namespace !== 'string' || uncertain) return [];
  const written = valueAt(value, ['metadata', 'name']);
  const named = !mistakes.some(({ path: [first, second] }) => first === 'metadata' && second === 'name');
  const name = named && typeof written === 'string' ? written : undefined;
  return [{ kind, metadata: { namespace, name }, manifest: value, origin, locate, mistakes }];
}

/**
 * The other faults of a document with one of our kinds and a wrong apiVersion: the author would
 * find them once the apiVersion is right.
 */
function ofOtherVersion(document: ParsedDocument): { problems: readonly ResourceProblem[]; drafts: readonly Draft[] } {
  const { value, origin, locate } = document;
  const kind = valueAt(value, ['kind']);
  if (typeof value !== 'object' || typeof kind !== 'string' || !isKind(kind)) return NOTHING;
  const loaded = loadDocument(kind, { value: { ...value, apiVersion: API_VERSION }, origin, locate });
  return 'problems' in loaded ? loaded : { problems: [], drafts: toDrafts(kind, document, []) };
}

const schemas = new Map<Kind, z.ZodType>(kindNames.map(kind => [kind, manifestSchema(kind)]));
