// The options that commands share which run an application: each goes before what
// configuration file and variables say.
import { type Command, Option, type OptionValues } from '@commander-js/extra-typings';
import type { OptionValue } from '../../server/config/load.ts';
import type { LogLevel } from '../../server/config/log-levels.ts';
import { logLevelOption } from '../log-level.ts';
import { parsePort, repeated } from '../option-values.ts';

/** The options as they were written; the configuration decides where one is left out. */
export interface ApplicationOptions {
  readonly config?: string | undefined;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly internalPort?: number | undefined;
  readonly adminPort?: number | undefined;
  readonly trustedProxy?: string[] | undefined;
  readonly data?: string | undefined;
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  readonly grace?: string | undefined;
  readonly logLevel?: LogLevel | undefined;
}

/** The options of commands that can also run in a cluster. */
export interface RoleOptions {
  readonly operator?: boolean | undefined;
  readonly platformNamespace?: string | undefined;
  readonly functionImage?: string | undefined;
  readonly cluster?: boolean | undefined;
  readonly namespace?: readonly string[] | undefined;
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
}

export function configOption(what = 'configuration') {
  return new Option('--config <FILE>', `${what}; without it that of TENFOLD_CONFIG, if any`);
}

export function withApplicationOptions(command: Command) {
  return command
    .argument('[DIR]', 'application folder', '.')
    .addOption(configOption())
    .option('-p, --port <PORT>', 'public port; 0 takes any free one (8080)', parsePort)
    .option('--internal-port <PORT>', "port of the internal listener, for functions' clients (8081)", parsePort)
    .addOption(adminPortOption())
    .option('--data <DIR>', 'folder of the database for events and state; without it .tenfold/data of the application')
    .addOption(hostOption())
    .option(
      '--trusted-proxy <NETWORK...>',
      'proxies in front of the public port whose X-Forwarded fields are believed, such as 10.0.0.0/8',
    )
    .option(
      '--tls-cert <FILE>',
      'certificate of the public port, which then speaks HTTPS; PEM, followed when it is renewed',
    )
    .option('--tls-key <FILE>', 'its private key')
    .addOption(graceOption())
    .addOption(logLevelOption());
}

/** For a process without listeners. */
export function withWorkerOptions(command: Command) {
  return command
    .argument('[DIR]', 'application folder', '.')
    .addOption(configOption())
    .addOption(adminPortOption())
    .addOption(hostOption())
    .addOption(graceOption())
    .addOption(logLevelOption());
}

/** For commands that can also run in a cluster. */
export function withClusterOptions<Args extends unknown[], Options extends OptionValues>(
  command: Command<Args, Options>,
) {
  return command
    .option('--cluster', 'take resources from a Kubernetes cluster instead of files; functions run there')
    .addOption(repeated('-n, --namespace <NAME>', 'those of this namespace only, may be given several times'))
    .option('--kubeconfig <FILE>', 'how to reach the cluster, instead of the own pod, KUBECONFIG or ~/.kube/config')
    .option('--context <NAME>', 'context of the kubeconfig');
}

export function adminPortOption(what = 'port of health, metrics and the admin API (9090)') {
  return new Option('--admin-port <PORT>', what).argParser(parsePort);
}

export function hostOption() {
  return new Option('--host <ADDRESS>', 'address to listen on (127.0.0.1)');
}

function graceOption() {
  return new Option('--grace <DURATION>', 'how long what is in flight may take when it stops (10s)');
}

/** The configuration that the options stand for. `toPath`: from where the command runs. */
export function toOptionValues(
  options: ApplicationOptions & RoleOptions,
  toPath: (path: string) => string,
): OptionValue[] {
  const values: OptionValue[] = [];
  const put = (option: string, value: unknown, ...paths: string[]) => {
    if (value !== undefined) for (const path of paths) values.push({ path, value, option });
  };
  const path = (text: string | undefined) => (text === undefined ? undefined : toPath(text));
  put('--host', options.host, 'host', 'public.host', 'internal.host', 'admin.host');
  put('--port', options.port, 'public.port');
  put('--internal-port', options.internalPort, 'internal.port');
  put('--admin-port', options.adminPort, 'admin.port');
  put('--trusted-proxy', options.trustedProxy, 'public.trustedProxies');
  put('--tls-cert', path(options.tlsCert), 'public.certificate.cert');
  put('--tls-key', path(options.tlsKey), 'public.certificate.key');
  put('--data', path(options.data), 'data');
  put('--grace', options.grace, 'drain');
  put('--log-level', options.logLevel, 'logLevel');
  put('--cluster', options.cluster, 'cluster.enabled');
  put('--namespace', options.namespace?.length ? options.namespace : undefined, 'cluster.namespaces');
  put('--kubeconfig', path(options.kubeconfig), 'cluster.kubeconfig');
  put('--context', options.context, 'cluster.context');
  put('--operator', options.operator, 'operator.enabled');
  put('--platform-namespace', options.platformNamespace, 'operator.platformNamespace');
  put('--function-image', options.functionImage || undefined, 'functionImage');
  return values;
}
