// Runs command lines in this process against the real admin server over an
// event plane made of values.
import type { EventControl } from '../../../admin/event-view.ts';
import { noEvents } from '../../../admin/no-events.ts';
import { run } from '../../../cli/run.ts';
import type { Terminal } from '../../../cli/terminal.ts';
import { announceAdmin } from '../../fakes/admin-server.ts';
import { fakeTerminal } from '../../fakes/fake-terminal.ts';
import { fakeView } from '../../fakes/platform-view.ts';
import { removeTempFolders, tempFolder } from '../temp-folder.ts';

export interface AdminRun {
  readonly folder: string;
  run(
    words: readonly string[],
    terminal?: Partial<Terminal>,
  ): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }>;
  close(): void;
}

export async function startAdminRun(
  control: Partial<EventControl>,
  more: { readonly view?: Parameters<typeof fakeView>[0]; readonly state?: Record<string, unknown> } = {},
): Promise<AdminRun> {
  const folder = tempFolder();
  const view = fakeView({ events: { ...noEvents, ...control }, ...more.view });
  const admin = await announceAdmin(view, folder, { internalKeys: {}, ...more.state });
  return {
    folder,
    async run(words, wishes = {}) {
      const terminal = fakeTerminal({ cwd: folder, ...wishes });
      const code = await run(words, terminal);
      return { code, stdout: terminal.stdout, stderr: terminal.stderr };
    },
    close() {
      admin.close();
      removeTempFolders();
    },
  };
}
