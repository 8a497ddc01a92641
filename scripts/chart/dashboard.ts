// The Grafana dashboard of the chart: what an operator looks at, top to bottom. Figures are those
// of /metrics; a test compares their names.

import { functionPanels } from './function-panels.ts';
import { OF, one, type Panel, RATE } from './panel.ts';

const PUBLIC = 'listener!="internal"';
const CONSUMER = '{{kind}} {{namespace}}/{{name}} {{role}}';
const BY_CONSUMER = 'by (namespace, kind, name, role)';
const NAME = '{{namespace}}/{{name}}';

const REQUESTS = 'http_server_request_duration_seconds';
const quantile = (q: number, by = 'le') =>
  `histogram_quantile(${q}, sum by (${by}) (rate(${REQUESTS}_bucket{${PUBLIC}}${RATE})))`;
const consumers = (metric: string, how = 'sum') => `${how} ${BY_CONSUMER} (${metric}{${OF}})`;
const perSecond = (metric: string) => `sum ${BY_CONSUMER} (rate(${metric}{${OF}}${RATE}))`;

export const rows: readonly (readonly [title: string, panels: readonly Panel[]])[] = [
  [
    'At a glance',
    [
      {
        title: 'Requests',
        help: 'Requests a second at the public port.',
        unit: 'reqps',
        stat: [Infinity, Infinity],
        queries: one(`sum(rate(${REQUESTS}_count{${PUBLIC}}${RATE}))`, 'requests'),
      },
      {
        title: 'Errors',
        help: 'Share of them answered with 5xx.',
        unit: 'percentunit',
        stat: [0.01, 0.05],
        queries: one(
          `sum(rate(${REQUESTS}_count{${PUBLIC},http_response_status_code=~"5.."}${RATE})) / sum(rate(${REQUESTS}_count{${PUBLIC}}${RATE}))`,
          'errors',
        ),
      },
      { title: 'p99', help: 'Slowest hundredth.', unit: 's', stat: [1, 5], queries: one(quantile(0.99), 'p99') },
      {
        title: 'Oldest event',
        help: 'Age of the oldest event that a Subscription or Queue has not handled.',
        unit: 's',
        stat: [60, 300],
        queries: one(`max(tenfold_consumer_oldest_age_seconds{${OF}})`, 'oldest'),
      },
      {
        title: 'Held keys',
        help: 'Keys that wait for a person.',
        unit: 'short',
        stat: [1, 100],
        queries: one(`sum(tenfold_consumer_held_keys{${OF}})`, 'held'),
      },
      {
        title: 'Given up',
        help: 'Events that became dead letters in the last hour.',
        unit: 'short',
        stat: [1, 100],
        queries: one(`sum(increase(tenfold_consumer_dead_letters_total{${OF}}[1h]))`, 'dead letters'),
      },
    ],
  ],
  [
    'Requests',
    [
      {
        title: 'Requests by answer',
        help: 'At the public port.',
        unit: 'reqps',
        queries: one(
          `sum by (http_response_status_code) (rate(${REQUESTS}_count{${PUBLIC}}${RATE}))`,
          '{{http_response_status_code}}',
        ),
      },
      {
        title: 'Time to answer',
        help: 'From the first byte of a request to the end of its answer.',
        unit: 's',
        queries: [0.5, 0.95, 0.99].map(q => ({ expr: quantile(q), legend: `p${q * 100}` })),
      },
      {
        title: 'Errors of the gateway',
        help: 'Answers with an error that the gateway made itself, and answers that were given up, by reason.',
        unit: 'reqps',
        queries: one(`sum by (reason) (rate(tenfold_http_failures_total{${PUBLIC}}${RATE}))`, '{{reason}}'),
      },
      {
        title: 'p99 of each resource',
        help: 'The slowest ten.',
        unit: 's',
        queries: one(`topk(10, ${quantile(0.99, 'le, resource')})`, '{{resource}}'),
      },
      {
        title: 'Clients that left',
        help: 'Before an answer began.',
        unit: 'reqps',
        queries: one(`sum by (listener) (rate(tenfold_http_abandoned_total${RATE}))`, '{{listener}}'),
      },
      {
        title: 'Connections of clients',
        help: 'Open ones. One client may have a quarter of what a listener takes.',
        unit: 'short',
        queries: one('sum by (listener) (tenfold_connections)', '{{listener}}'),
      },
    ],
  ],
  ['Functions', functionPanels],
  [
    'Events',
    [
      {
        title: 'Waiting',
        help: 'Events and jobs that are not handled yet.',
        unit: 'short',
        queries: one(consumers('tenfold_consumer_lag_events'), CONSUMER),
      },
      {
        title: 'Age of the oldest',
        help: 'How late they are.',
        unit: 's',
        queries: one(consumers('tenfold_consumer_oldest_age_seconds', 'max'), CONSUMER),
      },
      {
        title: 'Handled',
        help: 'A second.',
        unit: 'ops',
        queries: one(perSecond('tenfold_consumer_delivered_total'), CONSUMER),
      },
      {
        title: 'Failed attempts',
        help: 'A second, by reason.',
        unit: 'ops',
        queries: one(
          `sum by (namespace, kind, name, role, reason) (rate(tenfold_consumer_failures_total{${OF}}${RATE}))`,
          `${CONSUMER} {{reason}}`,
        ),
      },
      {
        title: 'Parked',
        help: 'Events that wait behind one of their key that failed.',
        unit: 'short',
        queries: one(consumers('tenfold_consumer_parked_events'), CONSUMER),
      },
      {
        title: 'Dead letters',
        help: 'Events given up, an hour.',
        unit: 'short',
        queries: one(`sum ${BY_CONSUMER} (increase(tenfold_consumer_dead_letters_total{${OF}}[1h]))`, CONSUMER),
      },
      {
        title: 'Refused jobs',
        help: 'Jobs that full Queues did not take, an hour.',
        unit: 'short',
        queries: one(`sum by (namespace, name) (increase(tenfold_queue_refused_total{${OF}}[1h]))`, NAME),
      },
    ],
  ],
  [
    'State',
    [
      {
        title: 'Age of Views',
        help: 'How old what they answer is.',
        unit: 's',
        queries: one(`max by (namespace, name) (tenfold_view_age_seconds{${OF}})`, NAME),
      },
      {
        title: 'Pipelines',
        help: 'Events that they have not read.',
        unit: 'short',
        queries: one(`max by (namespace, name) (tenfold_pipeline_lag_events{${OF}})`, NAME),
      },
      {
        title: 'FanOuts',
        help: 'Jobs that ended, an hour.',
        unit: 'short',
        queries: one(
          `sum by (namespace, name, state) (increase(tenfold_fan_out_jobs_ended_total{${OF}}[1h]))`,
          `${NAME} {{state}}`,
        ),
      },
      {
        title: 'Events of the bucket',
        help: 'Those that are not heard yet.',
        unit: 'short',
        queries: one('sum by (topic) (tenfold_bucket_lag_events)', '{{topic}}'),
      },
      {
        title: 'Archives',
        help: 'Events that are in no file yet.',
        unit: 'short',
        queries: one(`max by (namespace, name, table) (tenfold_archive_behind_events{${OF}})`, `${NAME} {{table}}`),
      },
    ],
  ],
  [
    'Processes',
    [
      {
        title: 'CPU',
        help: 'Cores that each pod uses.',
        unit: 'short',
        queries: one(
          `sum by (pod) (rate(process_cpu_seconds_total${RATE}) and on (pod) tenfold_build_info)`,
          '{{pod}}',
        ),
      },
      {
        title: 'Memory',
        help: 'Resident.',
        unit: 'bytes',
        queries: one('sum by (pod) (process_resident_memory_bytes and on (pod) tenfold_build_info)', '{{pod}}'),
      },
      {
        title: 'Event loop',
        help: 'How late each process is with everything, p99.',
        unit: 's',
        queries: one('max by (pod) (nodejs_eventloop_lag_p99_seconds and on (pod) tenfold_build_info)', '{{pod}}'),
      },
      {
        title: 'Connections to Kafka lost',
        help: 'While somebody waited for an answer: `cut` by the other end, or given up since it was `silent`.',
        unit: 'short',
        queries: one(
          `sum by (reason) (increase(tenfold_kafka_connections_lost_total{reason!="idle"}[5m]))`,
          '{{reason}}',
        ),
      },
      {
        title: 'Damaged objects',
        help: 'Objects in the blob store that are known to be damaged, and those without a checksum, of which nobody can say.',
        unit: 'short',
        queries: [
          { expr: 'max(tenfold_damaged_objects)', legend: 'damaged' },
          { expr: 'max(tenfold_unknown_objects)', legend: 'without a checksum' },
        ],
      },
      {
        title: 'Disk of the data',
        help: 'Free space, and the size of the database, where a process keeps anything on its disk.',
        unit: 'bytes',
        queries: [
          { expr: 'min by (pod) (tenfold_disk_free_bytes)', legend: '{{pod}} free' },
          { expr: 'max by (pod) (tenfold_database_size_bytes)', legend: '{{pod}} database' },
        ],
      },
      {
        title: 'Versions',
        help: 'Processes of each version.',
        unit: 'short',
        queries: one('count by (version) (tenfold_build_info)', '{{version}}'),
      },
    ],
  ],
];
