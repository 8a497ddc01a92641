// The consumer that an address names, and how it is asked for.
import type { ConsumerName } from '../../admin/consumer-name.ts';

export interface NamedConsumer {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

export function consumerIn(query: URLSearchParams): NamedConsumer | undefined {
  const [kind, name] = [query.get('kind'), query.get('name')];
  return kind && name ? { kind, namespace: query.get('namespace') ?? 'default', name } : undefined;
}

export function partsOf({ kind, namespace, name }: ConsumerName | NamedConsumer): NamedConsumer {
  return { kind, namespace, name };
}
