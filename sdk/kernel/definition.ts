// The parts that the wrappers leave for the host of a function: its kind, its handler, its schemas.

import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { CloudEvent } from '../cloud-event.ts';
import type { Context } from '../context.ts';
import type { AnyHandler, HttpEndpoint } from './http-endpoint.ts';
import type { Router } from './router.ts';

/** Registered, so that a function's own copy of the package and the host's recognise each other. */
export const DEFINITION = Symbol.for('tenfold.definition');

export interface HttpDefinition {
  readonly kind: 'http';
  readonly target: HttpEndpoint | Router;
}

export interface EventDefinition {
  readonly kind: 'event';
  readonly schema: StandardSchemaV1 | undefined;
  readonly handler: (event: CloudEvent, context: Context) => unknown;
}

export interface BatchDefinition {
  readonly kind: 'batch';
  readonly schema: StandardSchemaV1 | undefined;
  readonly handler: (events: CloudEvent[], context: Context) => unknown;
}

export type Definition = HttpDefinition | EventDefinition | BatchDefinition;

export interface Defined<D extends Definition = Definition> {
  readonly [DEFINITION]: D;
}

export function isDefined(value: unknown): value is Defined {
  return typeof value === 'object' && value !== null && DEFINITION in value;
}

/**
 * The definition of a module's default export: a wrapped handler, or a plain function,
 * which is an HTTP handler.
 */
export function toDefinition(exported: unknown): Definition | undefined {
  if (isDefined(exported)) return exported[DEFINITION];
  if (typeof exported !== 'function') return undefined;
  return { kind: 'http', target: { handler: exported as AnyHandler, input: undefined } };
}
