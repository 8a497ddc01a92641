// `write-rootfs.ts platform|function DIR`: the files of an image as a folder, for the Dockerfile;
// as root, because some have owners.
import { chmod, lchown, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { baseFiles } from './base-layer.ts';
import { ownFiles } from './build-images.ts';

const [name, target] = process.argv.slice(2);
if ((name !== 'platform' && name !== 'function') || target === undefined) {
  console.error('usage: write-rootfs.ts platform|function DIR');
  process.exit(2);
}
for (const file of [...(await baseFiles(process.execPath)), ...(await ownFiles(name)).files]) {
  const path = join(target, file.path);
  await mkdir(file.content === undefined && file.link === undefined ? path : dirname(path), { recursive: true });
  if (file.link !== undefined) await symlink(file.link, path);
  else if (file.content !== undefined) await writeFile(path, file.content);
  if (file.mode !== undefined) await chmod(path, file.mode);
  if (file.owner !== undefined) await lchown(path, file.owner, file.owner);
}
