// The options that `dev` and `serve` share: which folder, where to listen, how long to drain.
import { type Command, Option } from '@commander-js/extra-typings';
import { parseGraceOption, parsePort } from '../option-values.ts';

export interface ApplicationOptions {
  readonly host: string;
  readonly port: number;
  readonly internalPort: number;
  readonly adminPort: number;
  readonly trustedProxy: readonly string[];
  /** As written; relative to where the command runs. */
  readonly data?: string | undefined;
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  /** Milliseconds. */
  readonly grace: number;
}

export function withApplicationOptions(command: Command) {
  return command
    .argument('[DIR]', 'application folder', '.')
    .option('-p, --port <PORT>', 'public port; 0 takes any free one', parsePort, 8080)
    .option('--internal-port <PORT>', "port of the internal doors, for functions' clients", parsePort, 8081)
    .option('--admin-port <PORT>', 'port of health, metrics and the admin API', parsePort, 9090)
    .option('--data <DIR>', 'folder of the database for events and state; without it .tenfold/data of the application')
    .option('--host <ADDRESS>', 'address to listen on', '127.0.0.1')
    .option(
      '--trusted-proxy <NETWORK...>',
      'proxies in front of the public port whose X-Forwarded fields are believed, such as 10.0.0.0/8',
      [],
    )
    .option(
      '--tls-cert <FILE>',
      'certificate of the public port, which then speaks HTTPS; PEM, followed when it is renewed',
    )
    .option('--tls-key <FILE>', 'its private key')
    .addOption(
      new Option('--grace <DURATION>', 'how long requests in flight may take when it stops')
        .argParser(parseGraceOption)
        .default(10_000, '10s'),
    );
}
