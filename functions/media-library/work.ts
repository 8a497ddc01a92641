// Works one part of an asset: a rendition of one size, or the metadata of the original.
import exifr from 'exifr';
import sharp from 'sharp';
import { type Context, doNotRetry, event } from 'tenfold';
import { type Rendition, renditionOf, repairedOf, sizes, type Task } from './tasks.ts';

export default event<Task>(async ({ data }, context) => {
  if (data === undefined) throw doNotRetry('there is no task');
  const original = await originalOf(data.asset, context);
  return data.task === 'metadata' ? describe(data.asset, original, context) : render(data, original, context);
});

async function originalOf(asset: string, { blobs }: Context): Promise<Buffer> {
  const found = (await blobs.get(repairedOf(asset))) ?? (await blobs.get(asset));
  if (found === undefined) throw doNotRetry(`${asset} is not there any more`);
  return found.body;
}

/** Doing it again gives the same object. */
async function render({ asset, task }: Task, original: Buffer, { blobs }: Context): Promise<Rendition> {
  const size = sizes[task];
  if (size === undefined) throw doNotRetry(`nobody knows how to make "${task}"`);
  const image = sharp(original).rotate().resize({ width: size, height: size, fit: 'inside', withoutEnlargement: true });
  const { data, info } = await broken(asset, image.webp({ quality: 80 }).toBuffer({ resolveWithObject: true }));
  const object = renditionOf(asset, task);
  await blobs.put(object, data, { contentType: 'image/webp' });
  return { task, object, width: info.width, height: info.height, bytes: data.length };
}

/** The record of the asset, which is not available yet. */
async function describe(asset: string, original: Buffer, { publish }: Context) {
  const { format, width, height } = await broken(asset, sharp(original).metadata());
  const exif = (await exifr.parse(original, { gps: true }).catch(() => undefined)) ?? {};
  const metadata = {
    format,
    width,
    height,
    bytes: original.length,
    author: exif.Artist,
    camera: [exif.Make, exif.Model].filter(Boolean).join(' ') || undefined,
    takenAt: exif.DateTimeOriginal instanceof Date ? exif.DateTimeOriginal.toISOString() : undefined,
    location: exif.latitude === undefined ? undefined : { latitude: exif.latitude, longitude: exif.longitude },
  };
  await publish('assets.changed', { asset, available: false, metadata }, { id: `${asset}/metadata` });
  return { task: 'metadata', ...metadata };
}

/** A file that is no image will not be one the next time either. */
async function broken<T>(asset: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw doNotRetry(
      `${asset} cannot be read as an image: ${error instanceof Error ? error.message.split('\n', 1)[0] : error}`,
    );
  }
}
