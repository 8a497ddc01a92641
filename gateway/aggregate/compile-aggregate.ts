// Compiles an Aggregate to a plan: the order of its parts follows from the expressions, once.
import type { Scope } from '../../core/cel/scope.ts';
import { compileTemplate, type Template } from '../../core/cel/template.ts';
import { createSchemaCompiler, type JsonSchema } from '../../core/json-schema/json-schema.ts';
import { aggregateScope } from '../../resources/references/scopes.ts';
import type { Resource } from '../../resources/resource.ts';
import type { Target } from '../exchange/target.ts';
import type { PlanContext } from '../plan/plan-context.ts';
import { createFieldForwarder, type FieldForwarder } from '../upstream/forwarded-fields.ts';
import { type AnswerTemplate, compileAnswer } from './answer-template.ts';
import { createPartCaller, type Draft, draftPart, refuseOurs } from './compile-part.ts';
import type { Part } from './part.ts';
import type { PartReads } from './part-value.ts';

export interface AggregatePlan {
  readonly namespace: string;
  readonly name: string;
  readonly timeoutMs: number;
  readonly parts: readonly Part[];
  readonly answer: AnswerByTemplate | AnswerByFunction;
  readonly request: {
    /** Whether anything reads more of it than parameters, claims and consumer. */
    readonly reads: boolean;
    /** Whether anything needs its body. */
    readonly readsBody: boolean;
    readonly maxBody: number;
    readonly schema: JsonSchema | undefined;
  };
}

export interface AnswerByTemplate {
  readonly by: 'template';
  readonly status: number;
  readonly headers: readonly { readonly name: string; readonly value: Template }[];
  readonly body: AnswerTemplate;
}

export interface AnswerByFunction {
  readonly by: 'function';
  readonly target: Target;
  readonly forward: FieldForwarder;
}

export function compileAggregate(aggregate: Resource<'Aggregate'>, context: PlanContext): AggregatePlan {
  const { spec, metadata } = aggregate;
  const { namespace, name } = metadata;
  const scope = aggregateScope(Object.keys(spec.parts));
  const drafts = Object.entries(spec.parts).map(([part, partSpec]) =>
    draftPart({ context, aggregate, name: part, spec: partSpec, key: `Aggregate/${namespace}/${name}/${part}` }, scope),
  );
  const edges = drafts.map(draft => edgesOf(draft, drafts));
  refuseOurs(context, aggregate, ['spec', 'response', 'headers'], spec.response.headers);
  const answer = compileResponse(aggregate, context, scope);
  const references = [
    ...drafts.flatMap(draft => [...draft.inputReferences, ...draft.conditionReferences]),
    ...(answer.by === 'template' ? [answer.body, ...answer.headers.map(({ value }) => value)] : []).flatMap(
      each => each.references,
    ),
  ];
  const readsAll = answer.by === 'function';
  const parts = drafts.map(({ site, inputReferences, conditionReferences, ...draft }, index): Part => {
    const { inputs = [], conditions = [] } = edges[index] ?? {};
    return {
      ...draft,
      inputs,
      conditions,
      waitsFor: inputs.length + conditions.length,
      dependents: edges.flatMap((edge, other) => ([...edge.inputs, ...edge.conditions].includes(index) ? [other] : [])),
      caller: createPartCaller(site, readsAll ? { headers: true, body: true } : readsOf(draft.name, references)),
    };
  });
  const schema = spec.request.schema === undefined ? undefined : createSchemaCompiler()(spec.request.schema);
  const readsBody = readsAll || schema !== undefined || references.some(readsRequestBody);
  const reads = readsBody || references.some(reference => rootOf(reference) === 'request');
  return {
    namespace,
    name,
    timeoutMs: spec.timeout,
    parts,
    answer,
    request: { reads, readsBody, maxBody: spec.request.maxBody, schema },
  };
}

function compileResponse(
  { spec, metadata }: Resource<'Aggregate'>,
  context: PlanContext,
  scope: Scope,
): AnswerByTemplate | AnswerByFunction {
  const { response } = spec;
  if (response.function !== undefined) {
    return {
      by: 'function',
      target: context.target(metadata.namespace, { function: response.function }),
      forward: createFieldForwarder(context, metadata.namespace, { internal: true, identity: true }),
    };
  }
  return {
    by: 'template',
    status: response.status,
    headers: Object.entries(response.headers ?? {}).map(([name, text]) => ({
      name,
      value: compileTemplate(text, scope, { expected: 'string' }),
    })),
    body: compileAnswer(response.body, scope),
  };
}

/** Indexes of the parts that `draft` is made from, and of those that only its condition reads. */
function edgesOf(draft: Draft, drafts: readonly Draft[]): { inputs: number[]; conditions: number[] } {
  const read = (references: readonly string[]) => new Set(references.map(rootOf));
  const inputs = read(draft.inputReferences);
  const conditions = read(draft.conditionReferences);
  const indexes = (holds: (name: string) => boolean) =>
    drafts.flatMap(({ name }, index) => (holds(name) ? [index] : []));
  return {
    inputs: indexes(name => inputs.has(name)),
    conditions: indexes(name => conditions.has(name) && !inputs.has(name)),
  };
}

/** The members of a part's answer that are read; reading the whole reads everything in it. */
function readsOf(part: string, references: readonly string[]): PartReads {
  const reads = (member: string) =>
    references.some(each => each === part || each === `${part}.${member}` || each.startsWith(`${part}.${member}.`));
  return { headers: reads('headers'), body: reads('body') };
}

function readsRequestBody(reference: string): boolean {
  return reference === 'request' || reference === 'request.body' || reference.startsWith('request.body.');
}

function rootOf(reference: string): string {
  return reference.split('.', 1).join('');
}
