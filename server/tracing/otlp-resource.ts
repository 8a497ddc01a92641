// The attributes of a resource of OpenTelemetry say whose spans and metrics they are.
import type { FunctionService } from '../../core/tracing/span.ts';

/** A function is a service of its own; its caller records its spans. */
export function resourceOf(
  own: Readonly<Record<string, string>>,
  service: FunctionService | undefined,
): Readonly<Record<string, string>> {
  if (service === undefined) return own;
  const { 'service.instance.id': _, ...shared } = own;
  return { ...shared, 'service.name': service.name, 'service.namespace': service.namespace, 'faas.name': service.name };
}
