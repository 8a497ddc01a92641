// Finds the image that functions are built upon: a tar beside us, or one of a registry.
import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { TenfoldError } from '../../core/errors.ts';
import type { Image, Platform } from '../../images/image.ts';
import { readArchive } from '../../images/read-archive.ts';
import { pullImages } from '../../images/registry/pull.ts';
import { parseReference } from '../../images/registry/reference.ts';
import type { RegistryClient } from '../../images/registry/registry-client.ts';
import { CommandError } from '../command-error.ts';

export interface Base {
  readonly images: readonly Image[];
  close(): Promise<void>;
}

/**
 * `open` makes a client that may read the repository. Layers are read later, so `close` comes last.
 */
export async function openBase(
  named: string,
  cwd: string,
  platforms: readonly string[],
  open: (reference: string) => Promise<RegistryClient>,
): Promise<Base> {
  const file = resolve(cwd, named);
  if ((await stat(file).catch(() => undefined))?.isFile()) {
    return { images: choose(await readArchive(await readFile(file), named), platforms, named), async close() {} };
  }
  if (/\.(tar|tgz)$|^\.{0,2}\//.test(named)) throw new CommandError('file-unreadable', `There is no file ${file}.`);
  parseReference(named);
  const client = await open(named);
  try {
    const images = await pullImages(client);
    return { images: choose(images, platforms, named), close: client.close };
  } catch (error) {
    await client.close();
    if (error instanceof TenfoldError) {
      throw new CommandError('no-base-image', `The base image ${named} cannot be read. ${error.message}`, {
        cause: error,
      });
    }
    throw error;
  }
}

function choose(images: readonly Image[], platforms: readonly string[], named: string): readonly Image[] {
  if (platforms.length === 0) return images;
  return platforms.map(platform => {
    const found = images.find(image => formatPlatform(image.platform) === platform);
    if (found) return found;
    const there = images.map(image => formatPlatform(image.platform)).join(', ');
    throw new CommandError('usage', `${named} is not for ${platform}, but for ${there}.`);
  });
}

function formatPlatform({ os, architecture, variant }: Platform): string {
  return [os, architecture, ...(variant === undefined ? [] : [variant])].join('/');
}
