// One compiled part of an Aggregate: the parts it waits for, its request, and its target.
import type { Expression } from '../../core/cel/expression.ts';
import type { Template } from '../../core/cel/template.ts';
import type { ValueTemplate } from '../../core/cel/value.ts';
import type { FieldForwarder } from '../upstream/forwarded-fields.ts';
import type { PathTemplate } from '../upstream/path-template.ts';
import type { PartCaller } from './part-caller.ts';

export interface Part {
  readonly name: string;
  /** Without its answer or a fallback the aggregate has none. */
  readonly required: boolean;
  /** Undefined when there is none. */
  readonly fallback: unknown;
  readonly when: Expression | undefined;
  /** Parts whose answers its call is made from. */
  readonly inputs: readonly number[];
  /** Parts that only `when` reads: it may go on without their answers. */
  readonly conditions: readonly number[];
  /** How many parts it waits for. */
  readonly waitsFor: number;
  /** Parts that wait for this one. */
  readonly dependents: readonly number[];
  readonly method: string;
  readonly path: PathTemplate;
  readonly headers: readonly { readonly name: string; readonly value: Template }[];
  readonly body: ValueTemplate | undefined;
  /** Undefined: all the time that is left. */
  readonly timeoutMs: number | undefined;
  readonly forward: FieldForwarder;
  readonly caller: PartCaller;
}
