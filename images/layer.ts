// Makes a layer of files: a tar whose bytes depend only on its content, compressed.
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { packTar, type TarEntry } from 'modern-tar';

export interface LayerFile {
  /** Absolute, of the file system that the layer becomes part of. */
  readonly path: string;
  /** A folder has none. */
  readonly content?: Uint8Array;
  /** Target of a symbolic link, in place of a content. */
  readonly link?: string;
  /** Without it 0755 for folders, 0644 for files. */
  readonly mode?: number;
  /** User and group; without it root. */
  readonly owner?: number;
}

export interface Blob {
  readonly mediaType: string;
  /** `sha256:` and 64 hexadecimal digits, of `bytes`. */
  readonly digest: string;
  readonly bytes: Uint8Array;
}

export interface Layer extends Blob {
  /** Digest of the tar before it was compressed. */
  readonly diffId: string;
}

export const LAYER_TYPE = 'application/vnd.oci.image.layer.v1.tar+gzip';

const compress = promisify(gzip);
/** The same everywhere where zlib is the same, which comes with Node. */
const GZIP = { level: 9, memLevel: 9, windowBits: 15 } as const;
const FOLDER_MODE = 0o755;
const FILE_MODE = 0o644;
const EPOCH = new Date(0);

/**
 * Folders that `files` are in and do not name are made. The same files give the same digest, in
 * whatever order they come.
 */
export async function createLayer(files: readonly LayerFile[]): Promise<Layer> {
  const tar = await packTar(withFolders(files).map(toEntry));
  const bytes = await compress(tar, GZIP);
  return { mediaType: LAYER_TYPE, digest: digestOf(bytes), diffId: digestOf(tar), bytes };
}

export function digestOf(bytes: Uint8Array | string): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

function withFolders(files: readonly LayerFile[]): LayerFile[] {
  const byPath = new Map<string, LayerFile>();
  for (const file of files) {
    if (!file.path.startsWith('/') || file.path.split('/').includes('..'))
      throw new TypeError(`"${file.path}" is no absolute path of a file in an image.`);
    if (byPath.has(file.path)) throw new TypeError(`${file.path} is twice in one layer.`);
    byPath.set(file.path, file);
  }
  for (const path of [...byPath.keys()]) {
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const folder = path.slice(0, end);
      if (!byPath.has(folder)) byPath.set(folder, { path: folder });
    }
  }
  return [...byPath.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function toEntry({ path, content, link, mode, owner = 0 }: LayerFile): TarEntry {
  const name = path.slice(1);
  const common = { mtime: EPOCH, uid: owner, gid: owner, uname: '', gname: '' };
  if (link !== undefined) {
    return { header: { ...common, name, type: 'symlink', linkname: link, size: 0, mode: mode ?? 0o777 } };
  }
  if (content === undefined) {
    return { header: { ...common, name: `${name}/`, type: 'directory', size: 0, mode: mode ?? FOLDER_MODE } };
  }
  return { header: { ...common, name, type: 'file', size: content.length, mode: mode ?? FILE_MODE }, body: content };
}
