// The hint of commands that show numbers of parked events.
import { inNamespace } from '../events/in-namespace.ts';

/** `parked`: the consumers that have such events; undefined where none has. */
export function parkedHint(parked: readonly { readonly namespace: string }[]): string | undefined {
  const [namespace, ...others] = new Set(parked.map(each => each.namespace));
  if (namespace === undefined) return undefined;
  const where = others.length > 0 ? ' -A' : inNamespace(namespace);
  return `Which keys are parked, and why: tenfold parked list${where}`;
}
