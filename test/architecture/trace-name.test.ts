// The id of a trace has one name in logs, documents and tables: `trace`.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, SHIPPED_FOLDERS, sourceFiles } from './source-files.ts';

/** Another name for it, other than a look into a trace context: `call.trace.traceId`. */
const OTHER_NAME = /(?<![.\w])(?:traceId|trace_id|traceID|correlationId)\b/;
/** They say what a trace context is: its id, its span, its flags. */
const CONTEXTS = [
  'core/trace-context.ts',
  'core/tracing/span.ts',
  'core/tracing/tracer.ts',
  // Their links are such contexts.
  'worker/deliver/with-spans.ts',
  'worker/fold/stage-spans.ts',
  // They write the ids of contexts.
  'server/tracing/otlp-logs.ts',
  'server/tracing/span-encoder.ts',
  'sdk/context.ts',
  'runtime/invocation-host.ts',
  'sdk/testing/test-context.ts',
  // Exemplars of OpenMetrics have it under the name by which Grafana and others look for it.
  'gateway/durations.ts',
  // It reads the id of the context of an invocation.
  'sdk/kernel/to-answer.ts',
  'sdk/kernel/batch-entry.ts',
];

describe('the id of a trace', () => {
  it('is found by its other names', () => {
    assert.match("log('warn', 'it failed', { traceId: call.trace.traceId })", OTHER_NAME);
    assert.doesNotMatch("log('warn', 'it failed', { trace: call.trace.traceId })", OTHER_NAME);
    for (const path of CONTEXTS) assert.match(readFileSync(join(root, path), 'utf8'), OTHER_NAME, path);
  });

  it('is "trace" everywhere', () => {
    const others = SHIPPED_FOLDERS.flatMap(sourceFiles)
      .filter(path => !CONTEXTS.includes(path))
      .filter(path => OTHER_NAME.test(readFileSync(join(root, path), 'utf8')));
    assert.deepEqual(others, [], 'name the id of a trace "trace"');
  });
});
