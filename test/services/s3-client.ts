// A client of S3 as others have it, which knows nothing of us.
import { S3 } from '@aws-sdk/client-s3';

/** `url`: with all that is needed, as tests find it. */
export function s3ClientOf(url: string): S3 {
  const { origin, username: accessKeyId, password: secretAccessKey } = new URL(url);
  return new S3({
    endpoint: origin,
    credentials: { accessKeyId, secretAccessKey },
    region: 'us-east-1',
    forcePathStyle: true,
  });
}
