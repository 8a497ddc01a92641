// Finds connections that were made and on which the server then says nothing: the library waits for
// its first answers for ever.
import type { Timer, World } from '../../../core/world.ts';
import type { AnyClient } from './connection-options.ts';

/**
 * Calls `silent` for each connection that leads somewhere and cannot be used `withinMs` later, and
 * again after as long. Sentinel's client opens its connections while calls wait for them, which
 * have their own time. Answers with what ends that.
 */
export function watchOpening(world: World, any: AnyClient, withinMs: number, silent: () => void): () => void {
  const opening = new Map<unknown, Timer>();
  const ended = (of: unknown) => {
    opening.get(of)?.cancel();
    opening.delete(of);
  };
  const began = (of: unknown) => {
    ended(of);
    const late = () => {
      began(of);
      silent();
    };
    opening.set(of, world.after(withinMs, late));
  };
  if (any.kind === 'single') {
    any.client.on('connect', () => began(any));
    for (const event of ['ready', 'error', 'end']) any.client.on(event, () => ended(any));
  }
  if (any.kind === 'cluster') {
    any.client.on('node-connect', node => began(idOf(node)));
    any.client.on('node-error', (_, node) => ended(idOf(node)));
    for (const event of ['node-ready', 'node-disconnect']) any.client.on(event, node => ended(idOf(node)));
  }
  return () => {
    for (const of of [...opening.keys()]) ended(of);
  };
}

/** The library makes what it tells of a node anew where it finds the node anew. */
function idOf(node: { readonly host: string; readonly port: number }): string {
  return `${node.host}:${node.port}`;
}
