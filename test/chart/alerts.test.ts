// Each alert of the chart is fired once, by Prometheus' own tool: the series of a row make this
// alert fire, and no other.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { removeTempFolders, tempFolder } from '../cli/temp-folder.ts';
import { isCommand } from '../services/service.ts';
import { only, render } from './helm.ts';
import { everything } from './samples.ts';

const JOB = 'job="tenfold-metrics"';
const CLAIM = 'namespace="tenfold-system",persistentvolumeclaim="tenfold-data"';
const OWNER = 'namespace="shop",kind="Subscription",name="mail",role="events"';
const NAMED = 'namespace="shop",name="orders"';
const TARGET = 'kind="Api",namespace="shop",name="shop",route="/x",target="function orders"';
const FEATURE = 'namespace="shop",strangler="old",feature="carts"';
const SCHEDULE = 'namespace="shop",kind="Queue",name="reports",schedule="nightly"';
const CALLS = 'tenfold_function_call_duration_seconds_count{namespace="shop",function="orders",caller="gateway"';
/** Minutes. The slowest alert needs an hour of standstill, and then an hour of that. */
const MOST = 200;

// Series as promtool has them: a value a minute, and how much it grows.
const always = (series: string, value: number) => ({ series, values: `${value}x${MOST}` });
const growing = (series: string, each: number) => ({ series, values: `0+${each}x${MOST}` });

const rows: Readonly<Record<string, readonly { readonly series: string; readonly values: string }[]>> = {
  TenfoldAbsent: [],
  TenfoldProcessUnreachable: [always(`up{${JOB},pod="tenfold-0"}`, 0)],
  TenfoldServiceAway: [always(`tenfold_service_usable{${JOB},service="Kafka"}`, 0)],
  TenfoldEventLoopSlow: [always(`nodejs_eventloop_lag_p99_seconds{${JOB},pod="tenfold-0"}`, 0.5)],
  TenfoldVersionsDiffer: ['1', '2'].map(version => always(`tenfold_build_info{${JOB},version="${version}"}`, 1)),
  TenfoldVolumeFilling: [
    always(`kubelet_volume_stats_available_bytes{${CLAIM}}`, 10),
    always(`kubelet_volume_stats_capacity_bytes{${CLAIM}}`, 100),
  ],
  TenfoldDiskLow: [always(`tenfold_disk_low{${JOB},pod="tenfold-0"}`, 1)],
  TenfoldBackupLate: [always(`tenfold_backup_late{${JOB},pod="tenfold-0"}`, 1)],
  TenfoldDiskFullSoon: [{ series: `tenfold_disk_free_bytes{${JOB},pod="tenfold-0"}`, values: `1000000-1000x${MOST}` }],
  TenfoldObjectsDamaged: [always(`tenfold_damaged_objects{${JOB}}`, 3)],
  TenfoldNoLeader: [always(`tenfold_operator_leader{${JOB}}`, 0)],
  TenfoldOperatorFails: [growing(`tenfold_operator_reconcile_errors_total{${JOB}}`, 5)],
  TenfoldObjectsInvalid: [always(`tenfold_operator_invalid_objects{${JOB}}`, 2)],
  TenfoldErrors: ['200', '503'].map(status =>
    growing(
      `http_server_request_duration_seconds_count{listener="public",resource="Api/shop/shop",http_response_status_code="${status}"}`,
      10,
    ),
  ),
  TenfoldBreakerOpen: [always(`tenfold_circuit_breaker_state{${TARGET},state="open"}`, 1)],
  TenfoldLimitReached: [growing(`tenfold_limits_refused_total{${TARGET}}`, 5)],
  TenfoldConnectionsRefused: [growing('tenfold_connections_refused_total{listener="public",limit="client"}', 5)],
  TenfoldTargetTls: [
    growing('tenfold_http_failures_total{listener="public",resource="Api/shop/shop",reason="tls.expired"}', 5),
  ],
  TenfoldOwnErrors: [
    growing('tenfold_http_failures_total{listener="public",resource="Api/shop/shop",reason="expression.failed"}', 5),
  ],
  TenfoldFunctionFails: ['ok', 'timeout'].map((outcome, index) =>
    growing(`${CALLS},outcome="${outcome}"}`, 30 + 60 * index),
  ),
  TenfoldEventsLost: [growing(`tenfold_consumer_jumped_total{${OWNER}}`, 1)],
  TenfoldEventsLate: [always(`tenfold_consumer_oldest_age_seconds{${OWNER}}`, 1e6)],
  TenfoldConsumerStuck: [
    always(`tenfold_consumer_lag_events{${OWNER}}`, 5),
    always(`tenfold_consumer_delivered_total{${OWNER}}`, 7),
  ],
  TenfoldBucketStuck: [
    always('tenfold_bucket_lag_events{topic="uploads"}', 5),
    always('tenfold_bucket_heard_total{topic="uploads"}', 7),
  ],
  TenfoldConsumerFull: [always(`tenfold_consumer_full{${OWNER}}`, 1)],
  TenfoldTargetFailing: [always(`tenfold_consumer_target_failing{${OWNER}}`, 1)],
  TenfoldKeysHeld: [always(`tenfold_consumer_held_keys{${OWNER}}`, 2)],
  TenfoldDeadLetters: [growing(`tenfold_consumer_dead_letters_total{${OWNER}}`, 1)],
  TenfoldJobsRefused: [growing('tenfold_queue_refused_total{namespace="shop",name="mail"}', 5)],
  TenfoldScheduleRefused: [growing(`tenfold_schedule_refused_total{${SCHEDULE}}`, 1)],
  TenfoldScheduleLeftOut: [growing(`tenfold_schedule_left_out_total{${SCHEDULE},reason="missed"}`, 1)],
  TenfoldSourceUnavailable: [always(`tenfold_source_up{${NAMED}}`, 0)],
  TenfoldSourceRowsRefused: [always(`tenfold_source_aside_rows{${NAMED}}`, 3)],
  TenfoldViewLate: [always(`tenfold_view_age_seconds{${NAMED}}`, 1e6)],
  TenfoldViewNotServing: [always(`tenfold_view_serving{${NAMED}}`, 0)],
  TenfoldViewRefuses: [growing(`tenfold_view_refused_total{${NAMED}}`, 1)],
  TenfoldPipelineStuck: [
    always(`tenfold_pipeline_lag_events{${NAMED}}`, 5),
    always(`tenfold_pipeline_handled_total{${NAMED}}`, 7),
  ],
  TenfoldPipelineStopped: [always(`tenfold_pipeline_stopped{${NAMED}}`, 1)],
  TenfoldPipelineRefuses: [growing(`tenfold_pipeline_refused_total{${NAMED}}`, 1)],
  TenfoldPipelineLate: [growing(`tenfold_pipeline_late_total{${NAMED}}`, 1)],
  TenfoldArchiveStuck: [
    always(`tenfold_archive_behind_events{${NAMED},table="clicks"}`, 5),
    always(`tenfold_archive_gathered_total{${NAMED},table="clicks"}`, 7),
  ],
  TenfoldTableUnavailable: [always(`tenfold_table_up{${NAMED},table="orders"}`, 0)],
  TenfoldFanOutLate: [always(`tenfold_fan_out_behind_facts{${NAMED}}`, 2000)],
  TenfoldLegacyLate: [always(`tenfold_strangler_sync_late{${FEATURE}}`, 1)],
  TenfoldShadowDiffers: [
    always(`tenfold_strangler_shadow_requests{${FEATURE},result="mismatched"}`, 5),
    always(`tenfold_strangler_shadow_requests{${FEATURE},result="equal"}`, 100),
    always(`tenfold_strangler_shadow_max_mismatch{${FEATURE}}`, 0.001),
  ],
  TenfoldTargetOut: [always(`tenfold_target_in_service{${TARGET}}`, 0)],
  TenfoldTargetComesAndGoes: [growing(`tenfold_target_left_total{${TARGET}}`, 1)],
};

/** There are figures of a platform, unless its absence is what a row is about. */
const present = always(`tenfold_build_info{${JOB},version="1"}`, 1);

describe("the chart's alerts", () => {
  before(function () {
    if (isCommand('promtool')) return;
    assert.ok(!process.env['CI'], 'CI has promtool: see test/services/install');
    console.log('skipped, as promtool is not installed; make install-services installs it');
    this.skip();
  });
  after(removeTempFolders);

  it('are fired by what they are about, each by itself', async function () {
    this.timeout(600_000);
    const { groups } = only(await render({ ...everything, mode: 'standalone' }), 'PrometheusRule').spec;
    const alerts: string[] = groups.flatMap(({ rules }: { rules: { alert: string }[] }) =>
      rules.map(({ alert }) => alert),
    );
    assert.deepEqual(Object.keys(rows).sort(), [...alerts].sort(), 'each alert has a row');
    const tests = Object.entries(rows).map(([alert, series]) => ({
      name: alert,
      interval: '1m',
      input_series: alert === 'TenfoldAbsent' || alert === 'TenfoldVersionsDiffer' ? series : [present, ...series],
      promql_expr_test: [
        {
          expr: 'count by (alertname) (ALERTS{alertstate="firing"})',
          eval_time: '3h',
          exp_samples: [{ labels: `{alertname="${alert}"}`, value: 1 }],
        },
      ],
    }));
    const folder = tempFolder({ 'rules.yaml': stringify({ groups }) });
    const file = join(folder, 'tests.yaml');
    await writeFile(file, stringify({ rule_files: ['rules.yaml'], evaluation_interval: '5m', tests }));
    const { stdout, stderr } = await promisify(execFile)('promtool', ['test', 'rules', file], {
      maxBuffer: 64 * 1024 * 1024,
      // It keeps the figures of three hours for each alert, and cleaned up for half of its time.
      env: { ...process.env, GOGC: '800' },
    }).catch(error => error);
    assert.match(stdout, /SUCCESS/, `${stdout}\n${stderr}`);
  });
});
