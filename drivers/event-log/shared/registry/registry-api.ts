// Requests to a registry that speaks Confluent's protocol, and the meaning of its answers.
import { TenfoldError } from '../../../../core/errors.ts';
import type { SchemaText } from './data-schema.ts';

export interface RegistryAnswer {
  readonly status: number;
  readonly body: Buffer;
}

/**
 * GET of a path below the address of the registry, with what proves who we are; bounded in time and
 * size. Rejects where there is no answer.
 */
export type RegistryFetch = (path: string) => Promise<RegistryAnswer>;

export interface FoundSchema extends SchemaText {
  /** Undefined where it was asked for by its number. */
  readonly id: number | undefined;
}

const MOST_REFERENCES = 50;

/**
 * Rejects with `not-found` where it is not there, `log-unavailable` where that cannot be told,
 * `unsupported` for what makes no sense.
 */
export async function askForSchema(fetch: RegistryFetch, path: string): Promise<FoundSchema> {
  const answer = readAnswer(await ask(fetch, path), path);
  const references: { name: string; text: string }[] = [];
  await follow(fetch, answer.references, references, new Set());
  return { id: answer.id, type: typeOf(answer.schemaType), text: answer.schema, references };
}

/** Depth first, so that each comes after what it refers to; each once, so that circles end. */
async function follow(
  fetch: RegistryFetch,
  wanted: readonly Reference[],
  found: { name: string; text: string }[],
  seen: Set<string>,
): Promise<void> {
  for (const { name, subject, version } of wanted) {
    const path = `/subjects/${encodeURIComponent(subject)}/versions/${version}`;
    if (seen.has(path)) continue;
    seen.add(path);
    if (seen.size > MOST_REFERENCES)
      throw new TenfoldError('unsupported', `it refers to more than ${MOST_REFERENCES} others`);
    const { schema, references } = readAnswer(await ask(fetch, path), path);
    await follow(fetch, references, found, seen);
    found.push({ name, text: schema });
  }
}

async function ask(fetch: RegistryFetch, path: string): Promise<unknown> {
  const { status, body } = await fetch(path);
  if (status === 404) throw new TenfoldError('not-found', 'the registry does not have it');
  if (status === 401 || status === 403)
    throw unavailable(
      `The schema registry refuses us (status ${status}): "credentials" of the Topic must name a Secret with its username and password.`,
    );
  if (status !== 200) throw unavailable(`The schema registry answers with status ${status}.`);
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw unavailable('The schema registry answers with what is no JSON.');
  }
}

export function unavailable(message: string, cause?: unknown): TenfoldError {
  return new TenfoldError('log-unavailable', message, { retryAfterSeconds: 1, cause });
}

interface Reference {
  readonly name: string;
  readonly subject: string;
  readonly version: number;
}

interface Answer {
  readonly id: number | undefined;
  readonly schema: string;
  readonly schemaType: string;
  readonly references: readonly Reference[];
}

function readAnswer(answer: unknown, path: string): Answer {
  if (typeof answer !== 'object' || answer === null || !('schema' in answer) || typeof answer.schema !== 'string')
    throw unavailable(`The schema registry answers ${path} with what is no schema.`);
  const { id, schemaType, references } = answer as Readonly<Record<string, unknown>>;
  return {
    id: typeof id === 'number' ? id : undefined,
    schema: answer.schema,
    // Left out for Avro.
    schemaType: typeof schemaType === 'string' ? schemaType : 'AVRO',
    references: Array.isArray(references) ? references.filter(isReference) : [],
  };
}

function isReference(value: unknown): value is Reference {
  if (typeof value !== 'object' || value === null) return false;
  const { name, subject, version } = value as Record<string, unknown>;
  return typeof name === 'string' && typeof subject === 'string' && Number.isSafeInteger(version);
}

function typeOf(type: string): SchemaText['type'] {
  if (type === 'AVRO' || type === 'PROTOBUF' || type === 'JSON') return type;
  throw new TenfoldError('unsupported', `it is of the type ${type.slice(0, 50)}, which is not known here`);
}
