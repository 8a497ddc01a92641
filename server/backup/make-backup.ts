// Makes a back-up of what a running platform keeps on its disk: in a folder aside, which gets its
// name only when it is whole.
import { access, rename, rm } from 'node:fs/promises';
import { dirname, isAbsolute } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { BackupControl, BackupLine, BackupRequest } from '../../admin/backup-view.ts';
import { TenfoldError } from '../../core/errors.ts';
import type { World } from '../../core/world.ts';
import type { BackupManifest } from '../../drivers/sqlite/backup/backup-manifest.ts';
import { syncPath } from '../../drivers/sqlite/backup/copier.ts';
import type { CopyData, FromCopier } from '../../drivers/sqlite/thread/messages.ts';

export interface BackupSource {
  readonly file: string;
  readonly thread: URL;
  /** The folder with contents of objects; undefined where they are in S3. */
  readonly blobs: { readonly folder: string; holdRemovals(): () => void } | undefined;
  /** The parts that services keep. */
  readonly without: readonly string[];
}

const BYTES_PER_SECOND = 64 * 1024 ** 2;

export function createBackup(world: World, version: string, source: BackupSource): BackupControl {
  let running = false;
  return {
    async *make(request, signal) {
      if (running) throw new TenfoldError('conflict', 'A back-up is being made already. Wait until it is done.');
      running = true;
      let release: (() => void) | undefined;
      try {
        await assertFree(request.to);
        // The copy needs the files, so they are removed after it.
        release = source.blobs?.holdRemovals();
        yield* copy(world, version, source, request, signal);
      } finally {
        release?.();
        running = false;
      }
    },
  };
}

async function assertFree(to: string): Promise<void> {
  if (!isAbsolute(to)) throw new TenfoldError('invalid-input', `"${to}" is no absolute path.`);
  if (await isThere(to))
    throw new TenfoldError(
      'conflict',
      `${to} is there already: name a folder that is not, so that nothing is overwritten.`,
    );
  if (!(await isThere(dirname(to))))
    throw new TenfoldError('invalid-input', `There is no folder ${dirname(to)} on the machine of the platform.`);
}

/** Without holding up the process: a share of the network may be silent. */
export function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
}

async function* copy(
  world: World,
  version: string,
  { file, thread, blobs, without }: BackupSource,
  { to, bytesPerSecond = BYTES_PER_SECOND }: BackupRequest,
  signal: AbortSignal,
): AsyncGenerator<BackupLine> {
  const aside = `${to}.unfinished`;
  await rm(aside, { recursive: true, force: true });
  const data: CopyData = {
    role: 'copier',
    file,
    to: aside,
    blobs: blobs?.folder,
    version,
    at: world.now(),
    bytesPerSecond,
  };
  const worker = new Worker(thread, { workerData: data });
  try {
    let manifest: BackupManifest | undefined;
    for await (const message of messagesOf(worker, signal)) {
      if (message.type === 'failed') throw new TenfoldError('storage-unusable', message.message);
      if (message.type === 'copied') manifest = message.manifest;
      else if (message.type === 'copying') yield { kind: 'copying', bytes: message.bytes, of: message.of };
      else if (message.type === 'checking') yield { kind: 'checking', rows: message.rows };
      else yield { kind: 'copying-objects', objects: message.objects, bytes: message.bytes };
      if (manifest) break;
    }
    if (manifest === undefined)
      throw new TenfoldError('storage-unusable', 'The thread that copies has ended without a word.');
    await rename(aside, to);
    syncPath(dirname(to));
    const { at, database, objects, objectBytes, problems } = manifest;
    yield { kind: 'done', to, at, databaseBytes: database.bytes, objects, objectBytes, problems, without };
  } finally {
    await worker.terminate();
    await rm(aside, { recursive: true, force: true });
  }
}

/** Newest progress, and never a queue of it; ends with the thread. */
async function* messagesOf(worker: Worker, signal: AbortSignal): AsyncGenerator<FromCopier> {
  let latest: FromCopier | undefined;
  let problem: unknown;
  let ended = false;
  let wake = () => {};
  worker.on('message', (message: FromCopier) => {
    latest = message;
    wake();
  });
  worker.on('error', error => {
    problem = error;
    wake();
  });
  worker.on('exit', () => {
    ended = true;
    wake();
  });
  const onAbort = () => wake();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    for (;;) {
      signal.throwIfAborted();
      const message = latest;
      latest = undefined;
      if (message) yield message;
      else if (problem !== undefined) throw problem;
      else if (ended) return;
      else
        await new Promise<void>(resolve => {
          wake = resolve;
          if (latest !== undefined || ended || signal.aborted || problem !== undefined) resolve();
        });
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
