// The configuration of a process: one schema, of which the variables, the messages and
// the reference page are made.
import * as z from 'zod';
import { duration } from '../../resources/kinds/fields/units.ts';
import { httpUrl } from '../../resources/kinds/fields/url.ts';
import { cluster, operator } from './cluster.ts';
import { connections } from './connections.ts';
import { elasticsearch } from './elasticsearch.ts';
import {
  type ConfigReader,
  callbackHosts,
  folderPath,
  hostNames,
  networks,
  port,
  secret,
  variableNames,
} from './fields.ts';
import { kafka } from './kafka.ts';
import { listeners, publicListener } from './listeners.ts';
import { LOG_LEVELS } from './log-levels.ts';
import { redis } from './redis.ts';
import { s3 } from './s3.ts';

/** Parsed, with defaults, and with secrets and files read. */
export type Config = z.output<ReturnType<typeof configSchema>>;

const GOOD_SECRET = { minLength: 16, hint: ', such as those of "openssl rand -hex 24"' };

export function configSchema(reader: ConfigReader) {
  return z.strictObject({
    host: z
      .string()
      .min(1)
      .max(253)
      .prefault('127.0.0.1')
      .describe('Address to listen on; 0.0.0.0 is every IPv4 address of the machine, :: every address.'),
    public: publicListener().prefault({}),
    listeners: listeners(),
    internal: internalListener(reader),
    admin: adminListener(reader),
    logLevel: z.enum(LOG_LEVELS).prefault('info').describe('Least important level that is logged.'),
    drain: duration({ max: '1h' })
      .prefault('10s')
      .describe('How long requests and events in flight may take when it stops.'),
    drainDelay: duration({ max: '10m' })
      .prefault('0s')
      .describe(
        'How long it goes on when it is asked to stop: it says that it is not ready, and ends each connection with its next answer. The time that load balancers take to notice it.',
      ),
    functions: functionSettings(),
    callbacks: z
      .strictObject({
        hosts: callbackHosts()
          .optional()
          .describe(
            'Targets of callbacks besides public addresses, as clients name their addresses in requests: host names, `*.example.com`, addresses and networks. Without it nowhere; `tenfold dev` takes the loopback addresses then.',
          ),
      })
      .prefault({})
      .describe('Settings for the callbacks of Queues.'),
    cluster: cluster()
      .prefault({})
      .describe('The Kubernetes cluster that resources are taken from and functions run in, instead of files.'),
    operator: operator(reader)
      .prefault({})
      .describe('Settings of the operator, which keeps a cluster as its resources say.'),
    functionImage: z
      .string()
      .min(1)
      .max(512)
      .optional()
      .describe('Image that Functions with a `source` run in on a cluster. Without it that of this version.'),
    data: folderPath()
      .optional()
      .describe(
        'Folder of the embedded database, for all of log, store, search and blobs that is not kept elsewhere. Without it .tenfold/data of the application. One process at a time may use it.',
      ),
    log: z
      .strictObject({ kafka: kafka(reader).optional().describe('Keeps events in Kafka, 4.0 or later.') })
      .prefault({})
      .describe('Storage of events and jobs.'),
    store: z
      .strictObject({ redis: redis(reader).optional().describe('Keeps state in Redis or Valkey, 7.0 or later.') })
      .prefault({})
      .describe('Storage of state.'),
    search: z
      .strictObject({
        elasticsearch: elasticsearch(reader)
          .optional()
          .describe('Keeps searched documents in Elasticsearch, 9 or later.'),
      })
      .prefault({})
      .describe('Search index for documents of Views.'),
    blobs: z
      .strictObject({ s3: s3(reader).optional().describe('Keeps large contents in a bucket of S3.') })
      .prefault({})
      .describe('Storage of large contents.'),
  });
}

function internalListener(reader: ConfigReader) {
  return z
    .strictObject({
      host: hostOf('the internal port'),
      port: port()
        .prefault(8081)
        .describe("Port of the internal listener, for functions' clients; 0 takes any free one."),
      connections: connections(),
      secret: secret(reader, GOOD_SECRET)
        .optional()
        .describe(
          'Secret from which the keys of the internal listener are made: the same in all processes that belong together. Without it each start makes a new one, which works for a single process only.',
        ),
    })
    .prefault({});
}

function adminListener(reader: ConfigReader) {
  return z
    .strictObject({
      host: hostOf('the admin port'),
      port: port().prefault(9090).describe('Port of health, metrics and the admin API; 0 takes any free one.'),
      token: secret(reader, GOOD_SECRET)
        .optional()
        .describe(
          'Opens the admin API. Without it a new one at each start, in .tenfold/platform.json of the application.',
        ),
      hosts: hostNames()
        .prefault([])
        .describe(
          'Host names by which the admin port is called besides its own: names, `*.example.com`, addresses. Without it `/api` answers to loopback names alone. `/metrics` and `/readyz` also answer to addresses, names of one label, and names that end in .svc, .svc.cluster.local, .internal or .local.',
        ),
    })
    .prefault({});
}

function functionSettings() {
  return z
    .strictObject({
      internalUrl: httpUrl()
        .optional()
        .describe(
          'Address at which functions reach the internal listener. Without it those of their own process; a worker, which has none, needs it.',
        ),
      allowLoopback: z
        .boolean()
        .optional()
        .describe(
          'Whether urls of resources may lead to the machine, or pod, of the process itself. Without it yes, but not where resources come from a cluster.',
        ),
      allowedAddresses: networks()
        .prefault([])
        .describe(
          'Addresses and networks that urls of resources may lead to, even those of the API server of the cluster, or of the pod of the process itself.',
        ),
      env: variableNames()
        .prefault([])
        .describe(
          "Variables of the process that all functions on its machine are given, such as HTTPS_PROXY. Besides these they get harmless ones only (PATH, HOME, TZ and the like), and those of the Function's `env`.",
        ),
      logLevel: z
        .enum(['debug', 'info', 'warn', 'error'])
        .optional()
        .describe('Least important level that functions log. Without it that of the process.'),
    })
    .prefault({});
}

function hostOf(listener: string) {
  return z
    .string()
    .min(1)
    .max(253)
    .optional()
    .describe(`Address that ${listener} listens on. Without it that of \`host\`.`);
}
