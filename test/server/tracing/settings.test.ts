// The standard variables of OpenTelemetry, and what the configuration says instead of them.
import assert from 'node:assert/strict';
import { readTracing, type TracingConfig } from '../../../server/tracing/settings.ts';

const CONFIG: TracingConfig = { slow: 5000, wait: 60_000 };
const AT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };

describe('the settings of traces', () => {
  const read = (env: Record<string, string>, config = CONFIG) => readTracing(config, env, 'gateway');

  it('are those of the standard variables', () => {
    const { tracing, warnings } = read({
      ...AT,
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20abc, x-team = shop',
      OTEL_EXPORTER_OTLP_TIMEOUT: '2000',
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.01',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test,service.name=other',
      OTEL_SERVICE_NAME: 'shop',
    });
    assert.deepEqual(warnings, []);
    assert.deepEqual(tracing, {
      url: 'http://collector:4318/v1/traces',
      headers: { authorization: 'Bearer abc', 'x-team': 'shop' },
      timeoutMs: 2000,
      sampling: { ratio: 0.01, parentBased: true },
      resource: { 'service.name': 'shop', 'service.namespace': 'tenfold', 'deployment.environment.name': 'test' },
      metrics: undefined,
      logs: undefined,
      slowMs: 5000,
      waitMs: 60_000,
    });
  });

  const off: [string, Record<string, string>][] = [
    ['no endpoint', {}],
    ['an empty endpoint', { OTEL_EXPORTER_OTLP_ENDPOINT: '' }],
    ['OTEL_SDK_DISABLED', { ...AT, OTEL_SDK_DISABLED: 'true' }],
    ['OTEL_TRACES_EXPORTER=none', { ...AT, OTEL_TRACES_EXPORTER: 'none' }],
  ];
  for (const [why, env] of off)
    it(`export nothing: ${why}`, () => assert.deepEqual(read(env), { tracing: undefined, warnings: [] }));

  it('take the endpoint for traces as it is', () => {
    const { tracing } = read({ ...AT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://other/traces' });
    assert.equal(tracing?.url, 'https://other/traces');
  });

  it('send metrics where that is asked for', () => {
    const { tracing } = read({ ...AT, OTEL_METRICS_EXPORTER: 'otlp', OTEL_METRIC_EXPORT_INTERVAL: '5000' });
    assert.deepEqual(tracing?.metrics, { url: 'http://collector:4318/v1/metrics', intervalMs: 5000 });
  });

  it('send log lines where that is asked for', () => {
    const logs = { OTEL_LOGS_EXPORTER: 'otlp' };
    assert.deepEqual(read({ ...AT, ...logs }).tracing?.logs, { url: 'http://collector:4318/v1/logs' });
    const own = { ...logs, OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'https://other/logs' };
    assert.deepEqual(read({ ...AT, ...own }).tracing?.logs, { url: 'https://other/logs' });
    assert.equal(read(AT).tracing?.logs, undefined);
    const wrong = read({ ...AT, ...logs, OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'nowhere' });
    assert.match(wrong.warnings.join(), /No log lines are exported/);
  });

  it('are first those of the configuration', () => {
    const { tracing } = read(
      { ...AT, OTEL_TRACES_SAMPLER: 'always_off' },
      { ...CONFIG, endpoint: 'http://own:4318/', sampling: 0.5 },
    );
    assert.deepEqual([tracing?.url, tracing?.sampling.ratio], ['http://own:4318/v1/traces', 0.5]);
  });

  const wrong: [string, Record<string, string>, RegExp][] = [
    ['an unknown sampler', { OTEL_TRACES_SAMPLER: 'xray' }, /OTEL_TRACES_SAMPLER must be one of always_on/],
    ['a share above 1', { OTEL_TRACES_SAMPLER_ARG: '2' }, /OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1/],
    ['a protocol that is not spoken', { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, /not by grpc/],
    ['headers without values', { OTEL_EXPORTER_OTLP_HEADERS: 's3cret' }, /A part of OTEL_EXPORTER_OTLP_HEADERS/],
  ];
  for (const [why, env, message] of wrong) {
    it(`say what they ignore: ${why}`, () => {
      const { tracing, warnings } = read({ ...AT, ...env });
      assert.match(warnings.join(), message);
      assert.doesNotMatch(warnings.join(), /s3cret/);
      assert.ok(tracing);
    });
  }

  it('say that an endpoint is none', () => {
    const { tracing, warnings } = read({ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317' });
    assert.deepEqual([tracing, warnings.length], [undefined, 1]);
  });
});
