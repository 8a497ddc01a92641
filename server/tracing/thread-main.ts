// The thread that sends spans, metrics and log lines, so that the one that serves does not have to.
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import type { FromSender, SenderData, ToSender } from './messages.ts';
import { toOtlpRequest } from './otlp-request.ts';
import { createOtlpSender } from './send-otlp.ts';

/** After the time is over: for the loss of each request to be told. */
const CUT_MS = 100;

const { resource, version, metricsUrl, logsUrl, ...target } = workerData as SenderData;
const sendOtlp = createOtlpSender();
const ending = new AbortController();
let last: Promise<void> = Promise.resolve();

parentPort?.on('message', (message: ToSender) => {
  if (message.type === 'spans') last = last.then(() => send(message));
  else if (message.type === 'metrics') last = last.then(() => sendMetrics(message));
  else if (message.type === 'logs') last = last.then(() => sendLogs(message));
  else void end(message.withinMs);
});

async function send({ encoded, count }: Extract<ToSender, { type: 'spans' }>): Promise<void> {
  const reason = await sendOtlp(target, toOtlpRequest(encoded, resource, version), ending.signal);
  const of = 'spans';
  if (reason !== undefined) return tell({ of, sent: 0, lost: count, reason });
  const buffers = encoded.map(({ bytes }) => bytes.buffer);
  tell({ of, sent: count, lost: 0, reason, buffers }, buffers);
}

async function sendMetrics(message: Extract<ToSender, { type: 'metrics' }>): Promise<void> {
  let body: Uint8Array | undefined;
  try {
    // To load the package of this takes 80 ms, for which requests and events would wait at the
    // start.
    const { toMetricsRequest } = await import('./otlp-metrics.ts');
    body = toMetricsRequest(message.metrics, message, resource, version);
  } catch (error) {
    // Spans, which wait for this, are sent all the same.
    const why = error instanceof Error ? error.message : String(error);
    return tell({ of: 'metrics', sent: 0, lost: 0, reason: `They cannot be encoded: ${why}` });
  }
  const to = { ...target, url: metricsUrl ?? target.url };
  const reason = body && (await sendOtlp(to, [body], ending.signal));
  tell({ of: 'metrics', sent: 0, lost: 0, reason });
}

async function sendLogs({ records }: Extract<ToSender, { type: 'logs' }>): Promise<void> {
  const of = 'logs';
  const count = records.length;
  let body: Uint8Array | undefined;
  try {
    const { toLogsRequest } = await import('./otlp-logs.ts');
    body = toLogsRequest(records, resource, version);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return tell({ of, sent: 0, lost: count, reason: `They cannot be encoded: ${why}` });
  }
  const reason = body && (await sendOtlp({ ...target, url: logsUrl ?? target.url }, [body], ending.signal));
  if (reason === undefined) tell({ of, sent: count, lost: 0, reason });
  else tell({ of, sent: 0, lost: count, reason });
}

function tell(message: FromSender, buffers: readonly ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, buffers);
}

async function end(withinMs: number): Promise<void> {
  const timer = setTimeout(() => ending.abort(), withinMs);
  const cut = once(ending.signal, 'abort').then(() => pause(CUT_MS));
  await Promise.race([last, cut]);
  clearTimeout(timer);
  // Open connections must not keep the thread.
  process.exit();
}
