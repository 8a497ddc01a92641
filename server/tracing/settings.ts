// The settings for the export to an OpenTelemetry collector: the standard variables, and the group
// of the configuration that goes before them.
import { withoutTrailingSlashes } from '../../core/paths/trailing-slashes.ts';
import { SAMPLERS, type SamplerName, type Sampling, samplingOf } from '../../core/tracing/sampling.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface TracingSettings {
  /** The address that spans are sent to, e.g. `http://collector:4318/v1/traces`. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly sampling: Sampling;
  /** Attributes of everything that is sent, with `service.name`. */
  readonly resource: Readonly<Record<string, string>>;
  /** Undefined where no metrics are sent. */
  readonly metrics: { readonly url: string; readonly intervalMs: number } | undefined;
  /** Undefined where no log lines are sent. */
  readonly logs?: { readonly url: string } | undefined;
  readonly slowMs: number;
  readonly waitMs: number;
}

export interface ReadTracing {
  /** Undefined where nothing is exported. */
  readonly tracing: TracingSettings | undefined;
  /** The reasons for which something was ignored, one sentence each. */
  readonly warnings: readonly string[];
}

/** The group `tracing` of the configuration. */
export interface TracingConfig {
  readonly endpoint?: string | undefined;
  readonly sampling?: number | undefined;
  /** Milliseconds. */
  readonly slow: number;
  readonly wait: number;
}

const DEFAULT_TIMEOUT_MS = 10_000;

export function readTracing(config: TracingConfig, environment: Environment, role: string): ReadTracing {
  const env = (name: string) => environment[name]?.trim() || undefined;
  const warnings: string[] = [];
  const url = urlOf(config, env);
  if (url === undefined || env('OTEL_SDK_DISABLED')?.toLowerCase() === 'true' || env('OTEL_TRACES_EXPORTER') === 'none')
    return { tracing: undefined, warnings };
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    warnings.push(`No spans are exported: the endpoint must be an http or https address, not ${JSON.stringify(url)}.`);
    return { tracing: undefined, warnings };
  }
  const protocol = env('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL') ?? env('OTEL_EXPORTER_OTLP_PROTOCOL');
  if (protocol !== undefined && protocol !== 'http/protobuf') {
    warnings.push(
      `Spans are sent by http/protobuf, and not by ${protocol}: let the endpoint be that of the collector for HTTP (port 4318), or leave OTEL_EXPORTER_OTLP_PROTOCOL out.`,
    );
  }
  const headers = env('OTEL_EXPORTER_OTLP_TRACES_HEADERS') ?? env('OTEL_EXPORTER_OTLP_HEADERS');
  const timeout = env('OTEL_EXPORTER_OTLP_TRACES_TIMEOUT') ?? env('OTEL_EXPORTER_OTLP_TIMEOUT');
  const tracing = {
    url,
    headers: readPairs(headers, 'OTEL_EXPORTER_OTLP_HEADERS', warnings),
    timeoutMs: readNumber(timeout, 'OTEL_EXPORTER_OTLP_TIMEOUT', 1, 600_000, DEFAULT_TIMEOUT_MS, warnings),
    sampling: readSampling(config, env, warnings),
    resource: {
      'service.name': `tenfold-${role}`,
      'service.namespace': 'tenfold',
      ...readPairs(env('OTEL_RESOURCE_ATTRIBUTES'), 'OTEL_RESOURCE_ATTRIBUTES', warnings),
      ...(env('OTEL_SERVICE_NAME') === undefined ? {} : { 'service.name': env('OTEL_SERVICE_NAME') ?? '' }),
    },
    metrics: readMetrics(config, env, warnings),
    logs: readLogs(config, env, warnings),
    slowMs: config.slow,
    waitMs: config.wait,
  };
  return { tracing, warnings };
}

function urlOf({ endpoint }: TracingConfig, env: (name: string) => string | undefined): string | undefined {
  if (endpoint === undefined) {
    const whole = env('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT');
    if (whole !== undefined) return whole;
  }
  const base = endpoint ?? env('OTEL_EXPORTER_OTLP_ENDPOINT');
  return base && `${withoutTrailingSlashes(base)}/v1/traces`;
}

/** They are asked for by name, as most scrape `/metrics`. */
function readMetrics({ endpoint }: TracingConfig, env: (name: string) => string | undefined, warnings: string[]) {
  if (env('OTEL_METRICS_EXPORTER') !== 'otlp') return undefined;
  const base = endpoint ?? env('OTEL_EXPORTER_OTLP_ENDPOINT');
  const url = env('OTEL_EXPORTER_OTLP_METRICS_ENDPOINT') ?? (base && `${withoutTrailingSlashes(base)}/v1/metrics`);
  if (url === undefined || !URL.canParse(url)) {
    warnings.push('No metrics are exported: set OTEL_EXPORTER_OTLP_ENDPOINT to an http or https address.');
    return undefined;
  }
  const text = env('OTEL_METRIC_EXPORT_INTERVAL');
  return { url, intervalMs: readNumber(text, 'OTEL_METRIC_EXPORT_INTERVAL', 1000, 3_600_000, 60_000, warnings) };
}

/** They are asked for by name, as most collect what processes print. */
function readLogs({ endpoint }: TracingConfig, env: (name: string) => string | undefined, warnings: string[]) {
  if (env('OTEL_LOGS_EXPORTER') !== 'otlp') return undefined;
  const base = endpoint ?? env('OTEL_EXPORTER_OTLP_ENDPOINT');
  const url = env('OTEL_EXPORTER_OTLP_LOGS_ENDPOINT') ?? (base && `${withoutTrailingSlashes(base)}/v1/logs`);
  if (url !== undefined && URL.canParse(url)) return { url };
  warnings.push('No log lines are exported: set OTEL_EXPORTER_OTLP_ENDPOINT to an http or https address.');
  return undefined;
}

function readSampling(
  { sampling }: TracingConfig,
  env: (name: string) => string | undefined,
  warnings: string[],
): Sampling {
  if (sampling !== undefined) return { ratio: sampling, parentBased: true };
  const text = env('OTEL_TRACES_SAMPLER') ?? 'parentbased_always_on';
  const name = SAMPLERS.find(known => known === text);
  if (name === undefined) {
    warnings.push(
      `OTEL_TRACES_SAMPLER must be one of ${SAMPLERS.join(', ')}, and not ${text}: all traces are sampled.`,
    );
  }
  const sampler: SamplerName = name ?? 'parentbased_always_on';
  const ratio = readNumber(env('OTEL_TRACES_SAMPLER_ARG'), 'OTEL_TRACES_SAMPLER_ARG', 0, 1, 1, warnings);
  return samplingOf(sampler, ratio);
}

/** Lists as `a=1,b=2`; values may be percent-encoded (W3C Baggage). */
function readPairs(text: string | undefined, variable: string, warnings: string[]): Record<string, string> {
  const pairs: Record<string, string> = {};
  for (const part of text?.split(',') ?? []) {
    if (part.trim() === '') continue;
    const at = part.indexOf('=');
    const name = part.slice(0, at).trim();
    const value = decoded(part.slice(at + 1).trim());
    if (at > 0 && name !== '' && value !== undefined) pairs[name] = value;
    // The message has neither names nor values, as they may hold a secret.
    else warnings.push(`A part of ${variable} was left out, as it is not of the form name=value.`);
  }
  return pairs;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function readNumber(
  text: string | undefined,
  variable: string,
  min: number,
  max: number,
  otherwise: number,
  warnings: string[],
): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (value >= min && value <= max) return value;
  warnings.push(`${variable} must be a number from ${min} to ${max}, and not ${text}: it is taken for ${otherwise}.`);
  return otherwise;
}
