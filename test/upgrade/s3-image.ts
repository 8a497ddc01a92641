// What is in a bucket, as text: each object with its bytes in base64 and what is said of it.
import { ChecksumAlgorithm, S3 } from '@aws-sdk/client-s3';
import { toS3Connection } from '../services/s3.ts';

export type S3Image = readonly ObjectImage[];

interface ObjectImage {
  readonly key: string;
  readonly body: string;
  readonly contentType?: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
}

export async function dumpS3(url: string): Promise<S3Image> {
  const { s3, Bucket } = open(url);
  const objects: ObjectImage[] = [];
  for (let from: string | undefined; ; ) {
    const page = await s3.listObjectsV2({ Bucket, ContinuationToken: from });
    for (const { Key = '' } of page.Contents ?? []) {
      // Folders of a server that keeps objects as files.
      if (Key.endsWith('/')) continue;
      const { Body, ContentType, Metadata = {} } = await s3.getObject({ Bucket, Key });
      const body = (await Body?.transformToString('base64')) ?? '';
      objects.push({ key: Key, body, contentType: ContentType, metadata: Metadata });
    }
    from = page.NextContinuationToken;
    if (from === undefined) break;
  }
  s3.destroy();
  return objects.toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

export async function loadS3(url: string, objects: S3Image): Promise<void> {
  const { s3, Bucket } = open(url);
  for (const { key, body, contentType, metadata } of objects)
    await s3.putObject({
      Bucket,
      Key: key,
      Body: Buffer.from(body, 'base64'),
      ContentType: contentType,
      Metadata: { ...metadata },
      ChecksumAlgorithm: ChecksumAlgorithm.CRC32,
    });
  s3.destroy();
}

function open(url: string) {
  const { endpoint, bucket: Bucket, credentials: keys } = toS3Connection(url);
  if (endpoint === undefined || keys === undefined) throw new Error('The address of the bucket lacks something.');
  const { accessKeyId, secretAccessKey } = keys;
  const credentials = { accessKeyId, secretAccessKey };
  return { s3: new S3({ endpoint, credentials, region: 'us-east-1', forcePathStyle: true }), Bucket };
}
