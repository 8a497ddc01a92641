// The addresses at which functions reach Topics, Queues, Views and FanOuts of their namespace: at
// the internal listener.
import type { AnyResource } from '../../../resources/resource.ts';
import type { InternalListeners } from '../../providers/internal-listeners.ts';

const FOLDERS: Partial<Record<AnyResource['kind'], string>> = {
  Topic: 'topics',
  Queue: 'queues',
  View: 'views',
  FanOut: 'fan-outs',
};

/** Undefined for other kinds, and where there is no internal listener. */
export function endpointUrlOf(
  { kind, metadata }: AnyResource,
  listeners: InternalListeners | undefined,
): string | undefined {
  const folder = FOLDERS[kind];
  return folder === undefined || listeners === undefined ? undefined : `${listeners.url}/${folder}/${metadata.name}`;
}
