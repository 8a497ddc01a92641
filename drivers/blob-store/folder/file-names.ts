// Paths of contents below the folder: each is at the path of its own key, readable for people, with
// a stamp that no other file has.
import { join } from 'node:path';

/** New contents come to be here. Keys never lead into it, as their parts never begin with a dot. */
export const INCOMING = '.incoming';
/** Most file systems allow 255 bytes in a name. */
const MAX_PART = 160;

/** `photos/cat.jpg` with stamp `k3` → `photos/cat~k3.jpg`. The way back is the database's. */
export function folderOf(key: string): string {
  return join(...key.split('/').slice(0, -1).map(toPart));
}

export function fileOf(key: string, stamp: string): string {
  const name = key.slice(key.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  const [stem, ending] = dot > 0 && name.length - dot <= 12 ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
  return join(folderOf(key), `${toPart(stem)}~${stamp}${toSafe(ending)}`);
}

export function incomingOf(stamp: string): string {
  return join(INCOMING, stamp);
}

/** Long parts are cut: the stamp tells files apart, and folders may be shared. */
function toPart(part: string): string {
  const escaped = toSafe(part).replace(/^\./, '%2E');
  return Buffer.byteLength(escaped) <= MAX_PART
    ? escaped
    : Buffer.from(escaped)
        .toString('utf8', 0, MAX_PART)
        .replace(/\uFFFD$/, '');
}

/** Escapes what has a meaning in paths of some system, and `~`, which sets off the stamp. */
function toSafe(text: string): string {
  return text.replace(
    /[%~<>:"|?*\\\0-\u001f\u007f]|[. ]$/g,
    found => `%${found.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}
