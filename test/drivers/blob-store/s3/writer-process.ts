// A process that writes objects until it is killed: node writer-process.ts URL NAME KEYS. Tells
// each write that was acknowledged as a line of JSON.
import { realWorld } from '../../../../core/world.ts';
import { openS3BlobStore } from '../../../../drivers/blob-store/s3/s3-blob-store.ts';
import { toS3Connection } from '../../../services/s3.ts';

const [url = '', name = '', keys = '1'] = process.argv.slice(2);
const MIB = 1024 * 1024;
// Others wait for twice as long before they take what this process has claimed for abandoned.
const requestTimeoutMs = 5000;
const blobs = await openS3BlobStore({
  world: realWorld,
  connection: toS3Connection(url),
  requestTimeoutMs,
  partBytes: 5 * MIB,
  sweepMs: 200,
});
const tell = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);

async function* endless() {
  for (let n = 0; n < 12; n++) yield Buffer.alloc(MIB, n);
  tell({ hangs: true });
  await new Promise(resolve => setTimeout(resolve, 60_000));
}

if (name === 'hangs') {
  await blobs.put('hanging', endless());
} else if (name === 'once') {
  await blobs.put('once', Buffer.from('once'));
  tell({ acknowledged: 'once' });
  await blobs.close();
} else {
  const work = async (key: string) => {
    for (let n = 0; ; n++) {
      try {
        const { blob } = await blobs.put(key, Buffer.from(`${name} ${n}`));
        tell({ key, etag: blob?.etag });
      } catch {
        // Not known to be written.
      }
    }
  };
  // Timers of the store do not keep a process alive.
  setInterval(() => {}, 60_000);
  await Promise.all(Array.from({ length: Number(keys) }, (_, index) => work(`key-${index}`)));
}
