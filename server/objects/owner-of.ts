// The owner of an object in the blob store, as its key says.
import type { ObjectOwner } from '../../admin/object-view.ts';
import { EXPIRING_PREFIX } from '../../core/expiring-key.ts';
import { OBJECTS } from '../../core/object-key.ts';
import { ARCHIVES, type ArchiveLayout, parseFileName } from '../../worker/archive/layout.ts';

/** Archives of the plan in force, and of which Pipeline they are. */
export interface KnownArchive {
  readonly pipeline: string;
  readonly layout: Pick<ArchiveLayout, 'namespace' | 'root' | 'id'>;
}

export function ownerOf(key: string, archives: readonly KnownArchive[] = []): ObjectOwner {
  if (key.startsWith(EXPIRING_PREFIX)) return ownerOfExpiring(key.slice(EXPIRING_PREFIX.length));
  if (key.startsWith(OBJECTS)) {
    const [, namespace = '', ...name] = key.split('/');
    return { kind: 'object', namespace, name: name.join('/'), what: 'an object of the application' };
  }
  if (key.startsWith(ARCHIVES)) return ownerOfArchive(key, archives);
  return unknown(key);
}

function ownerOfExpiring(rest: string): ObjectOwner {
  const [, sort, namespace = '', name = '', first = '', ...more] = rest.split('/');
  switch (sort) {
    case 'data':
      return { kind: 'Topic', namespace, name, what: `the data of the event with dataref …/${name}/data/${first}` };
    case 'results':
      return { kind: 'Queue', namespace, name, what: `the result of job ${first}` };
    case 'fan-outs':
      return { kind: 'FanOut', namespace, name, what: `the result ${more.join('/')} of job ${first}` };
    default:
      return unknown(rest);
  }
}

function ownerOfArchive(key: string, archives: readonly KnownArchive[]): ObjectOwner {
  const [, namespace = '', prefix = ''] = key.split('/');
  const found = parseFileName(key);
  const known = archives.find(({ layout }) => key.startsWith(layout.root) && layout.id === found?.id);
  // Its folder is called as the Pipeline, unless the archive says otherwise.
  const owner = { kind: 'Pipeline', namespace, name: known?.pipeline ?? prefix } as const;
  if (found === undefined) return { ...owner, what: 'a part of an archive' };
  const { partition, from, to, isRange } = found;
  if (isRange) return { ...owner, what: `the record of a range of an archive, partition ${partition} from ${from}` };
  return { ...owner, what: `an archive file with events ${from} to ${to - 1} of partition ${partition}` };
}

function unknown(key: string): ObjectOwner {
  return { kind: 'unknown', namespace: '', name: key, what: 'an object that no resource is known for' };
}

/** The owner as a line of text. */
export function describeOwner({ kind, namespace, name, what }: ObjectOwner): string {
  if (kind === 'unknown') return what;
  return kind === 'object' ? `${what} in namespace ${namespace}` : `${what} of ${kind} ${namespace}/${name}`;
}
