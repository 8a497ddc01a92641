// Which internal door a path leads to, and which part of the path the target behind it does not see.
import { TenfoldError } from '../../core/errors.ts';

export interface InternalPlace {
  readonly door: 'functions' | 'topics' | 'queues' | 'views' | 'fan-outs' | 'blobs';
  /** Of the resource. */
  readonly name: string;
  /** The part of the path in front of what the target sees. */
  readonly mount: string;
  /** Whether anything follows. */
  readonly below: boolean;
}

const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const DOORS = ['functions', 'queues', 'views', 'fan-outs'] as const;
/** Topics may have dots in their names. */
const PATH = new RegExp(
  `^/(?:(functions|queues|views|fan-outs)/(${LABEL})|(topics)/(${LABEL}(?:\\.${LABEL})*))(/.*)?$`,
);
/** Doors that the SDK's clients know and that this version does not open. */
const LATER = /^\/(cache)(\/|$)/;

export function parseInternalPath(path: string): InternalPlace {
  // Objects have names of their own, with slashes in them.
  if (path.startsWith('/blobs/')) return { door: 'blobs', name: 'objects', mount: '/blobs', below: true };
  const match = PATH.exec(path);
  if (match) {
    const door = DOORS.find(each => each === match[1]) ?? 'topics';
    const name = match[2] ?? match[4] ?? '';
    return { door, name, mount: `/${door}/${name}`, below: match[5] !== undefined };
  }
  const later = LATER.exec(path)?.[1];
  if (later) throw new TenfoldError('unsupported', `This version of the platform does not open /${later} yet.`);
  throw new TenfoldError(
    'not-found',
    `No internal door at ${path}; there are /functions/{name}, /topics/{name}, /queues/{name}, /views/{name}, /fan-outs/{name} and /blobs/{name}.`,
  );
}
