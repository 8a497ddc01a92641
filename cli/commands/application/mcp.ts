// `tenfold mcp`: a server of the Model Context Protocol on stdin and stdout.
import type { Command } from '@commander-js/extra-typings';
import { withPlatformOptions } from '../../platform/platform-options.ts';
import type { Terminal } from '../../terminal.ts';

const EXAMPLES = `
An agent starts it, and asks it by stdin and stdout. It looks first, and what it changes it plans first: a plan says what and
how many, and only its token lets the agent act. It may what the token may that it is given, and the audit log has what it
does. The admin port answers to the same at /mcp.

Examples:
  $ tenfold mcp                            of the application in this folder
  $ tenfold mcp --dir my-shop
  $ TENFOLD_ADMIN_URL=https://admin.example TENFOLD_ADMIN_TOKEN=… tenfold mcp`;

export function defineMcp(command: Command, terminal: Terminal): void {
  withPlatformOptions(command)
    .addHelpText('after', EXAMPLES)
    .action(async options => {
      const [{ serveByStdio }, { findPlatform }] = await Promise.all([
        import('../../mcp/serve-by-stdio.ts'),
        import('../../platform/find-platform.ts'),
      ]);
      await serveByStdio(await findPlatform(options, terminal), options.dir, terminal);
    });
}
