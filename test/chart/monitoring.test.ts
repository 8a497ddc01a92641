// Alerts and dashboard ask for figures that the platform has, by labels that these have, and
// each alert says what to do.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Registry } from 'prom-client';
import { createGatewayMetrics } from '../../gateway/metrics.ts';
import { createInstruments } from '../../gateway/plan/instruments.ts';
import { registerPolicyMetrics } from '../../gateway/policy-metrics.ts';
import { toMetrics } from '../../k8s/operator/stats.ts';
import { registerArchiveMetrics, registerTableMetrics } from '../../server/metrics/archive-metrics.ts';
import { registerBucketMetrics } from '../../server/metrics/bucket-metrics.ts';
import { registerCacheMetrics } from '../../server/metrics/cache-metrics.ts';
import { registerConnectionMetrics } from '../../server/metrics/connection-metrics.ts';
import { registerEventMetrics } from '../../server/metrics/event-metrics.ts';
import { registerFanOutMetrics } from '../../server/metrics/fan-out-metrics.ts';
import { registerKafkaMetrics } from '../../server/metrics/kafka-metrics.ts';
import { createMetrics } from '../../server/metrics/metrics.ts';
import { registerPipelineMetrics } from '../../server/metrics/pipeline-metrics.ts';
import { registerQueueMetrics } from '../../server/metrics/queue-metrics.ts';
import { registerScheduleMetrics } from '../../server/metrics/schedule-metrics.ts';
import { registerServiceMetrics } from '../../server/metrics/service-metrics.ts';
import { registerShadowMetrics } from '../../server/metrics/shadow-metrics.ts';
import { registerSourceMetrics } from '../../server/metrics/source-metrics.ts';
import { registerSyncMetrics } from '../../server/metrics/sync-metrics.ts';
import { registerViewMetrics } from '../../server/metrics/view-metrics.ts';
import { type Manifest, only, render } from './helm.ts';
import { readPromql } from './promql.ts';
import { everything } from './samples.ts';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: Readonly<Record<string, string>>;
}

/** What scraping adds. */
const OF_THE_TARGET = ['job', 'pod', 'namespace', 'instance', 'component'];
/** Of Prometheus, the kubelet, and Node.js itself. */
const FOREIGN: Readonly<Record<string, readonly string[]>> = {
  up: [],
  kubelet_volume_stats_available_bytes: ['persistentvolumeclaim'],
  kubelet_volume_stats_capacity_bytes: ['persistentvolumeclaim'],
};

describe("the chart's monitoring", () => {
  let manifests: readonly Manifest[];
  let figures: ReadonlyMap<string, readonly string[]>;

  before(async () => {
    manifests = await render({ ...everything, mode: 'standalone' });
    figures = await figuresOfPlatform();
  });

  const rules = (): Rule[] =>
    only(manifests, 'PrometheusRule').spec.groups.flatMap(({ rules }: { rules: Rule[] }) => rules);
  const panels = (): { title: string; targets?: { expr: string }[] }[] =>
    JSON.parse(only(manifests, 'ConfigMap', 'tenfold-dashboard').data['tenfold.json']).panels;

  const assertKnown = (what: string, expr: string) => {
    const asked = readPromql(expr);
    assert.notEqual(asked.length, 0, what);
    for (const { metric, labels } of asked) {
      const has = figures.get(metric) ?? FOREIGN[metric];
      assert.ok(has, `${what}: the platform has no ${metric}`);
      const unknown = labels.filter(label => !has.includes(label) && !OF_THE_TARGET.includes(label));
      assert.deepEqual(unknown, [], `${what}: ${metric} has no such labels`);
    }
  };

  it('has alerts over figures that there are', () => {
    assert.ok(rules().length > 20);
    for (const { alert, expr } of rules()) assertKnown(alert, expr);
  });

  it('tells of all that retention deleted before it was read', () => {
    const counted = [...figures.keys()].filter(name => name.endsWith('_jumped_total'));
    const lost = rules().find(({ alert }) => alert === 'TenfoldEventsLost');
    assert.ok(counted.length > 0 && lost);
    assert.deepEqual(
      readPromql(lost.expr)
        .map(({ metric }) => metric)
        .sort(),
      counted.sort(),
    );
  });

  it('names in an alert only labels that it has', () => {
    for (const { alert, expr, annotations } of rules()) {
      const used = [...JSON.stringify(annotations).matchAll(/\$labels\.([a-z_]+)/g)].map(([, label]) => label ?? '');
      const has = new Set([...readPromql(expr).flatMap(({ labels }) => labels), ...OF_THE_TARGET]);
      assert.deepEqual(
        used.filter(label => !has.has(label)),
        [],
        alert,
      );
    }
  });

  it('has a runbook for each of them in docs/operations.md, and no other', () => {
    const page = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
    const headings = [...page.matchAll(/^### (Tenfold\w+)$/gm)].map(([, name]) => name);
    assert.deepEqual(
      headings.sort(),
      rules()
        .map(({ alert }) => alert)
        .sort(),
    );
    for (const { alert, annotations } of rules()) {
      assert.equal(annotations['runbook_url'], `https://tenfold.dev/docs/operations#${alert.toLowerCase()}`);
    }
  });

  it('leaves no placeholder in what it renders', () => {
    const text = JSON.stringify(only(manifests, 'PrometheusRule'));
    assert.doesNotMatch(text, /MAX_AGE_SECONDS|METRICS_JOB|PLATFORM_NAMESPACE|DATA_CLAIM/);
    assert.match(text, /job=\\"tenfold-metrics\\"/);
  });

  it('has a dashboard over figures that there are, every panel with something in it', () => {
    const graphs = panels().filter(({ targets }) => targets !== undefined);
    assert.ok(graphs.length > 20);
    for (const { title, targets } of graphs) {
      for (const { expr } of targets ?? []) assertKnown(title, expr.replaceAll('"$namespace"', '".*"'));
    }
  });

  it('says of what it cannot read that it cannot', () => {
    assert.throws(() => readPromql('sum by (a) (rate(x[5m])'), /no PromQL/);
    assert.throws(() => assertKnown('a typo', 'max by (name) (tenfold_view_aged_seconds)'), /no tenfold_view_aged/);
    assert.throws(() => assertKnown('a typo', 'max by (nmae) (tenfold_view_age_seconds)'), /nmae/);
  });
});

/** Labels of each figure, by its name. */
async function figuresOfPlatform(): Promise<Map<string, readonly string[]>> {
  const registry = new Registry();
  const none = async () => [];
  const instruments = () => createInstruments();
  createGatewayMetrics(registry, () => []);
  registerPolicyMetrics(registry, instruments);
  registerEventMetrics(registry, () => []);
  registerSyncMetrics(registry, () => []);
  registerFanOutMetrics(registry, none);
  registerViewMetrics(registry, none);
  registerPipelineMetrics(registry, none);
  registerArchiveMetrics(registry, none);
  registerTableMetrics(registry, none);
  registerBucketMetrics(registry, async () => undefined);
  registerCacheMetrics(registry, () => undefined);
  registerKafkaMetrics(registry, undefined);
  registerQueueMetrics(registry, () => undefined);
  registerScheduleMetrics(registry, () => []);
  registerSourceMetrics(registry, () => []);
  registerServiceMetrics(registry, () => []);
  registerShadowMetrics(registry, () => []);
  registerConnectionMetrics(registry);
  const labels = new Map<string, readonly string[]>();
  for (const metric of registry.getMetricsAsArray() as unknown as { name: string; labelNames?: string[] }[]) {
    for (const suffix of ['', '_count', '_sum', '_bucket']) {
      labels.set(metric.name + suffix, [...(metric.labelNames ?? []), ...(suffix === '_bucket' ? ['le'] : [])]);
    }
  }
  // Those of the process and of the build have no others than what a scrape adds, but the version.
  const own = { fanOuts: none, views: none, pipelines: none };
  const all = createMetrics(
    '1.0.0',
    () => [],
    instruments,
    { consumers: [], own, bucket: async () => undefined, scheduleCounts: () => [], sources: () => [] } as never,
    () => undefined,
  );
  for (const [, name = ''] of (await all.text()).matchAll(/^# TYPE (\S+) /gm)) {
    if (!labels.has(name)) labels.set(name, name === 'tenfold_build_info' ? ['version'] : []);
  }
  const stats = { leader: true, synced: true, queued: 0, reconciles: 0, failures: 0, objects: 0, invalid: 0 };
  for (const [, name = ''] of toMetrics(stats).matchAll(/^# TYPE (\S+) /gm)) labels.set(name, []);
  return labels;
}
