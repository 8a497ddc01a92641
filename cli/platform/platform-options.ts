// The options that say which running platform a command talks to.
import type { Command } from '@commander-js/extra-typings';

export interface PlatformChoice {
  readonly dir?: string | undefined;
  readonly admin?: string | undefined;
  readonly token?: string | undefined;
}

export function withPlatformOptions<
  A extends unknown[],
  O extends Record<string, unknown>,
  G extends Record<string, unknown>,
>(command: Command<A, O, G>) {
  return command
    .option('--dir <DIR>', 'application folder; without it the working folder and those above it are searched')
    .option('--admin <URL>', 'address of the admin port (TENFOLD_ADMIN_URL)')
    .option('--token <TOKEN>', 'admin token (TENFOLD_ADMIN_TOKEN)');
}
