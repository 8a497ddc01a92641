// The newest version of an object that was valid, kept in its status: it stays in force when
// everything has started anew and the newest is wrong.
import type { Kind } from '../../resources/kinds/kind-names.ts';
import type { AnyResource } from '../../resources/resource.ts';
import { type KubeObject, read, readText } from '../api/kube-object.ts';
import { toResource } from './to-resource.ts';

/** An object and its status have 1.5 MiB together in etcd, and each watch carries both. */
export const MOST_BYTES = 128 * 1024;

/**
 * The text of an object whose newest version is valid; undefined where it is too large to be kept.
 */
export function toLastValid({ metadata, spec }: KubeObject): string | undefined {
  const text = JSON.stringify({ generation: metadata.generation, spec });
  return Buffer.byteLength(text) > MOST_BYTES ? undefined : text;
}

/** Undefined where that is the newest version, and where nothing is known. */
export function lastValidOf(kind: Kind, object: KubeObject): AnyResource | undefined {
  const kept = parse(readText(object, 'status', 'lastValid'));
  if (read(kept, 'generation') === object.metadata.generation) return undefined;
  const spec = read(kept, 'spec');
  if (spec === undefined) return undefined;
  const parsed = toResource(kind, { ...object, spec });
  return 'resource' in parsed ? parsed.resource : undefined;
}

function parse(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
