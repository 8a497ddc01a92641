// The archive has each event of its topic in exactly one file.
import { type Archived, judgeArchive } from '../../judge/archive.ts';
import { toS3Connection } from '../../services/s3.ts';
import { s3ClientOf } from '../../services/s3-client.ts';
import type { Site } from '../site/site.ts';
import type { Check, CheckSubject } from './check.ts';
import { eventOf } from './records.ts';

export function archiveCheck({
  site,
  records,
}: Pick<CheckSubject, 'records'> & {
  readonly site: Pick<Site, 'namespace'> & { readonly s3: Pick<Site['s3'], 'url'> };
}): Check {
  /** By name; read with another client of S3 than the platform's own driver. */
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
          // Where the server keeps objects as files of folders, the platform
          // ends each name with a mark.
          if (!/\.jsonl!?$/.test(key)) continue;
          const { Body } = await client.getObject({ Bucket: bucket, Key: key });
          found.set(key.slice(prefix.length), (await Body?.transformToString()) ?? '');
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
      // Offsets are those of the topic that feeds the archive.
      const toEvents = (lines: string): Archived[] =>
        lines
          .split('\n')
          .filter(Boolean)
          .map(line => JSON.parse(line));
      return judgeArchive({
        files: new Map([...(await files())].map(([name, lines]) => [name, toEvents(lines)])),
        expected: (await records.of('events')).map(record => eventOf(record).id),
      });
    },
  };
}
