// An image of a few files, as a tar that container runtimes import: for what only tests run. Those
// of the product are built by `tenfold build`'s own parts.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface ImageFiles {
  /** Such as `dev.local/pause:1`. */
  readonly name: string;
  readonly entrypoint: readonly string[];
  /** Where each file of this machine comes to lie, by its path in the image. */
  readonly files: Readonly<Record<string, string>>;
}

/** Path of the tar, in a folder of the caller's. */
export function writeImage(folder: string, { name, entrypoint, files }: ImageFiles): string {
  const work = mkdtempSync(join(tmpdir(), 'tenfold-image-'));
  try {
    const root = join(work, 'root');
    for (const [path, from] of Object.entries(files)) {
      mkdirSync(join(root, dirname(path)), { recursive: true });
      copyFileSync(from, join(root, path));
    }
    tar(root, join(work, 'layer.tar'), '.');
    const layer = createHash('sha256')
      .update(readFileSync(join(work, 'layer.tar')))
      .digest('hex');
    const config = {
      architecture: { x64: 'amd64' }[process.arch as string] ?? process.arch,
      os: 'linux',
      config: { User: '65532', Entrypoint: entrypoint, WorkingDir: '/' },
      rootfs: { type: 'layers', diff_ids: [`sha256:${layer}`] },
    };
    writeFileSync(join(work, 'config.json'), JSON.stringify(config));
    const manifest = [{ Config: 'config.json', RepoTags: [name], Layers: ['layer.tar'] }];
    writeFileSync(join(work, 'manifest.json'), JSON.stringify(manifest));
    const image = join(folder, `${layer}.tar`);
    tar(work, image, 'manifest.json', 'config.json', 'layer.tar');
    return image;
  } finally {
    rmSync(work, { recursive: true });
  }
}

function tar(folder: string, to: string, ...what: string[]): void {
  const same = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner'];
  execFileSync('tar', [...same, '-C', folder, '-cf', to, ...what]);
}
