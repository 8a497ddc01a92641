// The archive has each event of its topic in exactly one file.
import { text } from 'node:stream/consumers';
import { realWorld } from '../../../core/world.ts';
import { openS3BlobStore } from '../../../drivers/blob-store/s3/s3-blob-store.ts';
import { toS3Connection } from '../../services/s3.ts';
import { type Check, type CheckSubject, compareCounts } from './check.ts';
import { eventOf } from './records.ts';

const PAGE = 1000;

export function archiveCheck({ site, records }: CheckSubject): Check {
  const files = async () => {
    const connection = toS3Connection(site.s3.url);
    const blobs = await openS3BlobStore({
      world: realWorld,
      connection,
      prefix: `${site.namespace}/`,
      tellChangesOf: [],
    });
    try {
      const found: string[] = [];
      for (let after: string | undefined; ; ) {
        const page = await blobs.list(`archive/${site.namespace}/`, { limit: PAGE, after });
        for (const { key } of page.blobs) {
          if (!key.endsWith('.jsonl')) continue;
          const file = await blobs.get(key);
          if (file) found.push(await text(file.body));
        }
        if (page.next === undefined) return found;
        after = page.next;
      }
    } finally {
      await blobs.close();
    }
  };
  return {
    name: 'the archive has each event once',
    async differences() {
      const lines = (await files()).flatMap(file => file.split('\n').filter(Boolean));
      const found = lines.map(line => String(JSON.parse(line).id));
      const expected = (await records.of('events')).map(record => eventOf(record).id);
      return compareCounts('the archive', found, expected);
    },
  };
}
