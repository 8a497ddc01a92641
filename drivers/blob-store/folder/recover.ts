// Puts the folder in order with its database after a crash: what is in force goes to its
// place, what is not goes away.
import type { Files } from './files.ts';
import type { FolderRequests } from './requests.ts';

const PAGE = 200;

/** `stamps`: only these new files; by default all, and all garbage too. */
export async function recover(files: Files, requests: FolderRequests, stamps?: readonly string[]): Promise<void> {
  for await (const stamp of stamps ?? files.waiting()) {
    const key = await requests.keyOf(stamp);
    if (key === undefined) await files.removeIncoming(stamp);
    else await files.settle(key, stamp);
  }
  if (stamps) return;
  for (;;) {
    const garbage = await requests.garbage(PAGE);
    if (garbage.length === 0) return;
    for (const { key, stamp } of garbage) await files.remove(key, stamp);
    await requests.cleaned(garbage.map(({ stamp }) => stamp));
  }
}
