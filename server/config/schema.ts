// The configuration of a process: one schema, of which the variables, the messages and
// the reference page are made.
import * as z from 'zod';
import { cron, timeZone } from '../../resources/kinds/fields/cron.ts';
import { duration } from '../../resources/kinds/fields/units.ts';
import { httpUrl } from '../../resources/kinds/fields/url.ts';
import { adminListener } from './admin.ts';
import { cluster, operator } from './cluster.ts';
import { connections } from './connections.ts';
import { elasticsearch } from './elasticsearch.ts';
import {
  type ConfigReader,
  callbackHosts,
  folderPath,
  GOOD_SECRET,
  listenAddress,
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
    tracing: tracing(),
    data: folderPath()
      .optional()
      .describe(
        'Folder of the embedded database, for all of log, store, search and blobs that is not kept elsewhere. Without it .tenfold/data of the application. One process at a time may use it.',
      ),
    backups: backupSettings(),
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

function tracing() {
  return z
    .strictObject({
      endpoint: httpUrl()
        .optional()
        .describe(
          'Address of an OpenTelemetry collector, such as http://collector:4318: spans go there by OTLP over HTTP. Without it that of OTEL_EXPORTER_OTLP_ENDPOINT; without both no spans are recorded.',
        ),
      sampling: z
        .number()
        .min(0)
        .max(1)
        .optional()
        .describe(
          'Share of the traces that are exported whatever becomes of them. Callers that send a traceparent decide for their traces. Without it that of OTEL_TRACES_SAMPLER; without both all.',
        ),
      slow: duration({ max: '1h' })
        .prefault('5s')
        .describe('A trace with a span that takes longer is exported whole, even if it was not sampled.'),
      wait: duration({ max: '1h' })
        .prefault('1m')
        .describe(
          'How long spans of traces that were not sampled are kept, in case that another process finds out that something failed. At most 20,000 spans wait.',
        ),
    })
    .prefault({})
    .describe('Traces for OpenTelemetry.');
}

function backupSettings() {
  return z
    .strictObject({
      folder: folderPath()
        .optional()
        .describe(
          'Folder for copies of all data on the disk, made while the process runs. It must be there, for this process alone, and better on another disk than the data. Without it no copies are made.',
        ),
      schedule: cron()
        .prefault('0 3 * * *')
        .describe(
          'When a copy is due: minute, hour, day of the month, month and day of the week. One that was missed is made soon after the start.',
        ),
      timeZone: timeZone().prefault('UTC').describe('The time zone of the schedule.'),
      keep: z
        .int()
        .min(1)
        .max(1000)
        .prefault(7)
        .describe('How many copies are kept, the newest ones. The newest without damage is kept besides.'),
    })
    .prefault({})
    .describe('Back-ups by a schedule.');
}

function internalListener(reader: ConfigReader) {
  return z
    .strictObject({
      host: listenAddress('the internal port'),
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
