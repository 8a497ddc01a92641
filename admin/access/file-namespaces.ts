// The namespaces of the resources that each file has.
import type { PlatformView } from '../platform-view.ts';

type Known = Pick<PlatformView, 'notInForce'> & { readonly catalog: Pick<PlatformView['catalog'], 'current'> };

/** A problem in a file may be of any of them. Files of which nothing is known are not in it. */
export function fileNamespaces({ catalog, notInForce }: Known): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  const add = (file: string, namespace: string) => {
    const namespaces = found.get(file);
    if (namespaces) namespaces.add(namespace);
    else found.set(file, new Set([namespace]));
  };
  for (const { origin, metadata } of catalog.current?.resources.all ?? []) add(origin.file, metadata.namespace);
  for (const { origin, namespace } of notInForce?.() ?? []) add(origin.file, namespace);
  return found;
}
