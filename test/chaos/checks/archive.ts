// The archive has each event of its topic in exactly one file.
import { text } from 'node:stream/consumers';
import { realWorld } from '../../../core/world.ts';
import { openS3BlobStore } from '../../../drivers/blob-store/s3/s3-blob-store.ts';
import { toS3Connection } from '../../services/s3.ts';
import type { Site } from '../site/site.ts';
import { type Check, type CheckSubject, compareCounts } from './check.ts';
import { eventOf } from './records.ts';

const PAGE = 1000;

export function archiveCheck({ site, records }: Pick<CheckSubject, 'records'> & { readonly site: Site }): Check {
  /** By key. */
  const files = async () => {
    const connection = toS3Connection(site.s3.url);
    const blobs = await openS3BlobStore({
      world: realWorld,
      connection,
      prefix: `${site.namespace}/`,
      tellChangesOf: [],
    });
    try {
      const found = new Map<string, string>();
      for (let after: string | undefined; ; ) {
        const page = await blobs.list(`archive/${site.namespace}/`, { limit: PAGE, after });
        for (const { key } of page.blobs) {
          if (!key.endsWith('.jsonl')) continue;
          const file = await blobs.get(key);
          if (file) found.set(key, await text(file.body));
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
