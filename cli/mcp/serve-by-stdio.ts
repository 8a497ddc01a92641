// Serves MCP on stdin and stdout, over the admin API of a running platform, until stdin ends.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio';
import { createDocs } from '../../admin/mcp/docs-search.ts';
import { createMcpServer } from '../../admin/mcp/mcp-server.ts';
import { createUsedPlans } from '../../admin/mcp/plans/used-plans.ts';
import { packageFile } from '../../server/package-file.ts';
import { packageVersion } from '../../server/version.ts';
import { createAdminCaller } from '../platform/admin-call.ts';
import type { PlatformTarget } from '../platform/find-platform.ts';
import type { Terminal } from '../terminal.ts';
import { loadPaths } from '../validate/load-paths.ts';
import { stdioCalls, wordsOfCommand } from './stdio-calls.ts';

const TIMEOUT_MS = 30_000;
const SECRET_BYTES = 32;

export async function serveByStdio(target: PlatformTarget, dir: string | undefined, terminal: Terminal): Promise<void> {
  const { internal } = target;
  const host = {
    api: stdioCalls(createAdminCaller({ ...target, program: 'tenfold-mcp' }, TIMEOUT_MS), TIMEOUT_MS),
    wordsOf: wordsOfCommand,
    // The plans end with this process: no other one acts on them.
    secret: randomBytes(SECRET_BYTES),
    used: createUsedPlans(),
    docs: createDocs(packageFile('docs')),
    now: () => Date.now(),
    ...(internal === undefined
      ? {}
      : {
          checkFiles: async () => (await loadPaths([resolve(terminal.cwd, dir ?? '.')], terminal)).problems,
        }),
  };
  const say = (error: unknown) => terminal.say(error instanceof Error ? error.message : String(error));
  const transport = new StdioServerTransport();
  const ended = once(process.stdin, 'close');
  const server = serveStdio(() => createMcpServer(host, packageVersion, say), { transport, onerror: say });
  const stop = () => void server.close().finally(() => process.stdin.destroy());
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    await ended;
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}
