// The archive has each event of its topic in exactly one file.
import { toS3Connection } from '../../services/s3.ts';
import { s3ClientOf } from '../../services/s3-client.ts';
import type { Site } from '../site/site.ts';
import { type Check, type CheckSubject, compareCounts } from './check.ts';
import { eventOf } from './records.ts';

export function archiveCheck({
  site,
  records,
}: Pick<CheckSubject, 'records'> & {
  readonly site: Pick<Site, 'namespace'> & { readonly s3: Pick<Site['s3'], 'url'> };
}): Check {
  /** By key; read with another client of S3 than the platform's own driver. */
  const files = async () => {
    const client = s3ClientOf(site.s3.url);
    const { bucket } = toS3Connection(site.s3.url);
    const prefix = `${site.namespace}/data/archive/${site.namespace}/`;
    const found = new Map<string, string>();
    try {
      for (let after: string | undefined; ; ) {
        const page = await client.listObjectsV2({
          Bucket: bucket,
          Prefix: prefix,
          ...(after !== undefined && { ContinuationToken: after }),
        });
        for (const { Key: key = '' } of page.Contents ?? []) {
          // Where the server keeps objects as files of folders, the platform ends each name with a mark.
          if (!/\.jsonl!?$/.test(key)) continue;
          const { Body } = await client.getObject({ Bucket: bucket, Key: key });
          found.set(key, (await Body?.transformToString()) ?? '');
        }
        after = page.NextContinuationToken;
        if (after === undefined) return found;
      }
    } finally {
      client.destroy();
    }
  };
  return {
    name: 'the archive has each event once',
    async differences() {
      const places = new Map<string, string[]>();
      for (const [key, lines] of await files()) {
        for (const line of lines.split('\n').filter(Boolean)) {
          const { id, offset } = JSON.parse(line);
          places.set(id, [...(places.get(id) ?? []), `at ${offset} in ${key.slice(key.lastIndexOf('/') + 1)}`]);
        }
      }
      const found = [...places].flatMap(([id, those]) => those.map(() => id));
      const expected = (await records.of('events')).map(record => eventOf(record).id);
      // With where it was found: offsets are those of the topic that feeds the archive.
      return compareCounts('the archive', found, expected, id => (places.get(id) ?? []).join(', '));
    },
  };
}
