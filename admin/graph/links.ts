// Finds the targets and the sources of a resource, by the names and addresses that it declares.
import { markedValues } from '../../resources/references/marked-values.ts';
import { type AnyResource, type Path, resourceKey } from '../../resources/resource.ts';
import type { EdgeKind } from './graph-view.ts';

export interface Link {
  readonly from: string;
  readonly to: string;
  readonly how: EdgeKind;
  readonly count: number;
}

export function linksOf(resource: AnyResource): readonly Link[] {
  const { kind, metadata } = resource;
  const { namespace } = metadata;
  const own = resourceKey(kind, namespace, metadata.name);
  const found = new Map<string, Link>();
  for (const { path, value, marks } of markedValues(resource)) {
    const target = targetOf(marks, namespace, value);
    if (target === undefined) continue;
    const link = isRead(resource.kind, path)
      ? { from: target, to: own, how: 'read-by' as const }
      : { from: own, to: target, how: howTo(kind, target) };
    const key = `${link.from} ${link.to} ${link.how}`;
    found.set(key, { ...link, count: (found.get(key)?.count ?? 0) + 1 });
  }
  return [...found.values()];
}

function targetOf(
  { reference, url }: { readonly reference?: string | undefined; readonly url?: unknown },
  namespace: string,
  value: unknown,
): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (reference !== undefined) return resourceKey(reference, namespace, value);
  // Path and query may hold what is not for everybody.
  return url === undefined || !URL.canParse(value) ? undefined : resourceKey('Url', '', new URL(value).origin);
}

/** Whether the resource gets events or rows from what it names there, rather than leading to it. */
function isRead(kind: AnyResource['kind'], path: Path): boolean {
  const [before, last] = path.slice(-2);
  if (kind === 'View' && path[1] === 'from') return true;
  if (last === 'view') return before === 'join' || before === 'followers';
  if (last !== 'topic') return false;
  return path.length === 2 || before === 'from' || before === 'on' || before === 'sync';
}

function howTo(kind: AnyResource['kind'], target: string): EdgeKind {
  if (target.startsWith('Topic/') || target.startsWith('Queue/') || target.startsWith('FanOut/')) return 'sends';
  if (!target.startsWith('View/')) return 'calls';
  return kind === 'Api' || kind === 'Aggregate' || kind === 'Strangler' ? 'queries' : 'feeds';
}
