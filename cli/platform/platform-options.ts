// The options that say which running platform a command talks to.
import type { Command } from '@commander-js/extra-typings';

export interface PlatformChoice {
  readonly dir?: string | undefined;
  readonly admin?: string | undefined;
  readonly token?: string | undefined;
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly platformNamespace?: string | undefined;
  readonly serviceAccount?: string | undefined;
}

/** What `-A` is for; on a laptop that is so without it. */
const ALL_NAMESPACES = 'of all namespaces; in a cluster it is that of the context by default';

export interface NamespaceChoice {
  readonly namespace?: string | undefined;
  readonly allNamespaces?: true | undefined;
}

/** The one that is named, else that of the context of the kubeconfig; undefined: all. */
export function namespaceFor(
  { namespace, allNamespaces }: NamespaceChoice,
  target: { readonly namespace?: string },
): string | undefined {
  return allNamespaces ? undefined : (namespace ?? target.namespace);
}

/** Those of a command that lists or looks for things: `namespace` says what `-n` is of. */
export function withNamespaceOptions<
  A extends unknown[],
  O extends Record<string, unknown>,
  G extends Record<string, unknown>,
>(namespace: string, command: Command<A, O, G>) {
  return withPlatformOptions(
    command.option('-n, --namespace <NAME>', namespace).option('-A, --all-namespaces', ALL_NAMESPACES),
  );
}

export function withPlatformOptions<
  A extends unknown[],
  O extends Record<string, unknown>,
  G extends Record<string, unknown>,
>(command: Command<A, O, G>) {
  return withWayOptions(
    command.option('--dir <DIR>', 'application folder; without it the working folder and those above it are searched'),
  );
}

/** Of a command that is given the application folder as its argument. */
export function withWayOptions<
  A extends unknown[],
  O extends Record<string, unknown>,
  G extends Record<string, unknown>,
>(command: Command<A, O, G>) {
  return command
    .option('--admin <URL>', 'address of the admin port (TENFOLD_ADMIN_URL)')
    .option('--token <TOKEN>', 'admin token, or another token that has a role (TENFOLD_ADMIN_TOKEN)')
    .option('--kubeconfig <FILE>', 'the platform of a cluster: how to reach that')
    .option('--context <NAME>', 'the platform of a cluster: context of the kubeconfig')
    .option('--platform-namespace <NAME>', 'where that platform runs (TENFOLD_PLATFORM_NAMESPACE)')
    .option('--service-account <NAMESPACE/NAME>', 'act as this one at the platform of a cluster');
}
