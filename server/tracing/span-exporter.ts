// Gathers spans and hands them to the thread that sends them. A bounded number waits; the others
// are lost, counted and reported.
import { Worker } from 'node:worker_threads';
import type { FunctionService, Span } from '../../core/tracing/span.ts';
import type { Timer, World } from '../../core/world.ts';
import type { ExportedLogs } from './exported-logs.ts';
import type { FromSender, LogRecordMessage, MetricRecord, SenderData, ToSender } from './messages.ts';
import { SpanEncoder } from './span-encoder.ts';

export interface SpanExporterOptions {
  readonly world: World;
  readonly thread: URL;
  readonly data: SenderData;
  /** Its lines go the same way, where there is an address for them. */
  readonly logs?: ExportedLogs | undefined;
  /** Spans were lost; called at most once a minute, with all since the last time. */
  lost(count: number, reason: string): void;
  /**
   * Metrics could not be read, or the collector did not take them; called at most once a minute.
   */
  refused(reason: string): void;
}

export interface SpanExporter {
  readonly counts: { readonly sent: number; readonly lost: number };
  export(spans: readonly Span[]): void;
  /** A span that has waited as bytes. */
  exportEncoded(service: FunctionService | undefined, bytes: Uint8Array): void;
  /**
   * Sends the metrics as they are now, unless the thread still has the last ones. Never rejects.
   */
  exportMetrics(read: () => Promise<readonly MetricRecord[]>): Promise<void>;
  /** False where there is no thread. */
  postLogs(records: readonly LogRecordMessage[]): boolean;
  /** Sends what there is, for at most `graceMs`. */
  close(graceMs: number): Promise<void>;
}

/** One after the other they cost a third: the code is not in the cache for a span now and then. */
const ENCODED_TOGETHER = 64;
/**
 * Spans of one request, some 700 KB. To send any request takes 0.6 ms of CPU, and 700 KB another
 * 0.1 ms.
 */
const BATCH = 2048;
/** Or so many bytes: collectors take up to 20 MB. */
const BATCH_BYTES = 2 * 1024 * 1024;
const FLUSH_MS = 500;
/** Before a thread that failed is started again. */
const RESTART_MS = 5_000;
/** Spans that wait here and in the thread, mostly some 30 MB. */
const MAX_PENDING = 20_000;
/** Or so many megabytes of them: a span may have 16 KB of a URL. */
const MAX_PENDING_MB = 64;
const MAX_PENDING_BYTES = MAX_PENDING_MB * 1024 * 1024;
const TOLD_EVERY_MS = 60_000;
const TOO_SLOW = 'The collector does not take spans as fast as they come, and';
const TOO_MANY = `${TOO_SLOW} ${MAX_PENDING} wait already.`;
const TOO_LARGE = `${TOO_SLOW} ${MAX_PENDING_MB} MB of them wait already.`;

export function startSpanExporter(options: SpanExporterOptions): SpanExporter {
  return new ThreadedExporter(options);
}

/** Returns why it cannot tell its attributes, where it cannot. */
function describe(span: Span): string | undefined {
  try {
    span.describe();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : 'something else than an error was thrown';
  }
}

class ThreadedExporter implements SpanExporter {
  readonly counts = { sent: 0, lost: 0 };
  readonly #options: SpanExporterOptions;
  readonly #exited = Promise.withResolvers<void>();
  #thread: Worker | undefined;
  /** Not yet encoded. */
  #ended: Span[] = [];
  readonly #batch = new SpanEncoder();
  #inThread = 0;
  /** The bytes of each message that the thread has not answered yet, and their sum. */
  #sizes: number[] = [];
  #bytesInThread = 0;
  #flush: Timer | undefined;
  #restart: Timer | undefined;
  #untold = 0;
  #toldAt = Number.NEGATIVE_INFINITY;
  #closed = false;
  readonly #since: number;
  #sendsMetrics = false;
  #refusedAt = Number.NEGATIVE_INFINITY;

  constructor(options: SpanExporterOptions) {
    this.#options = options;
    this.#since = options.world.now();
    this.#start();
  }

  export(spans: readonly Span[]): void {
    if (!this.#hasRoom(spans.length)) return;
    // A request that waits with its spans survives a collection of garbage, and costs it 60 bytes
    // for each request at 1%.
    for (const span of spans) {
      const reason = describe(span);
      if (reason === undefined) this.#ended.push(span);
      else this.#lose(1, `A span cannot be described: ${reason}`);
    }
    if (this.#ended.length >= ENCODED_TOGETHER) this.#encode();
    this.#sendSoon();
  }

  exportEncoded(service: FunctionService | undefined, bytes: Uint8Array): void {
    if (!this.#hasRoom(1)) return;
    if (this.#bytesInThread + this.#batch.bytes >= MAX_PENDING_BYTES) {
      this.#lose(1, TOO_LARGE);
      return;
    }
    this.#batch.addEncoded(service, bytes);
    this.#sendSoon();
  }

  /** Spans without room are lost. */
  #hasRoom(count: number): boolean {
    const room = MAX_PENDING - this.#inThread - this.#batch.count - this.#ended.length;
    if (count <= room && this.#thread !== undefined) return true;
    this.#lose(count, this.#thread === undefined ? 'Their thread has ended, and starts again soon.' : TOO_MANY);
    return false;
  }

  #sendSoon(): void {
    if (this.#batch.count >= BATCH || this.#batch.bytes >= BATCH_BYTES) this.#send();
    else this.#flush ??= this.#options.world.after(FLUSH_MS, () => this.#send());
  }

  #encode(): void {
    const ended = this.#ended;
    this.#ended = [];
    for (const span of ended) {
      if (this.#bytesInThread + this.#batch.bytes >= MAX_PENDING_BYTES) {
        this.#lose(1, TOO_LARGE);
        continue;
      }
      const reason = this.#batch.add(span);
      if (reason !== undefined) this.#lose(1, `A span cannot be encoded: ${reason}`);
    }
  }

  #start(): void {
    const { thread, data } = this.#options;
    const started = new Worker(thread, { workerData: data });
    let why = 'Their thread has ended.';
    started.unref();
    started.on('message', (said: FromSender) => this.#answered(said));
    started.on('error', error => {
      why = `Their thread failed: ${error.message}`;
    });
    started.on('exit', () => this.#exit(why));
    this.#thread = started;
  }

  #exit(why: string): void {
    const lost = this.#inThread;
    this.#thread = undefined;
    this.#inThread = 0;
    this.#sizes = [];
    this.#bytesInThread = 0;
    this.#sendsMetrics = false;
    if (lost > 0) this.#lose(lost, why);
    this.#options.logs?.threadEnded(why);
    if (this.#closed) this.#exited.resolve();
    else this.#restart = this.#options.world.after(RESTART_MS, () => this.#start());
  }

  async exportMetrics(read: () => Promise<readonly MetricRecord[]>): Promise<void> {
    if (this.#sendsMetrics || this.#closed) return;
    this.#sendsMetrics = true;
    try {
      const metrics = await read();
      const at = this.#options.world.now();
      this.#thread?.postMessage({ type: 'metrics', metrics, since: this.#since, at } satisfies ToSender);
      // A process without a thread gets no answer.
      if (this.#thread === undefined) this.#sendsMetrics = false;
    } catch (error) {
      this.#sendsMetrics = false;
      this.#tellRefused(`They cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  async close(graceMs: number): Promise<void> {
    if (this.#closed) return this.#exited.promise;
    this.#closed = true;
    this.#restart?.cancel();
    this.#send();
    this.#options.logs?.flush();
    const thread = this.#thread;
    if (thread === undefined) return this.#exited.resolve();
    thread.ref();
    thread.postMessage({ type: 'end', withinMs: Math.max(0, graceMs) } satisfies ToSender);
    await this.#exited.promise;
  }

  #send(): void {
    this.#flush?.cancel();
    this.#flush = undefined;
    this.#encode();
    const { count } = this.#batch;
    if (count === 0 || this.#thread === undefined) return;
    const encoded = this.#batch.take();
    this.#inThread += count;
    const buffers = encoded.map(({ bytes }) => bytes.buffer);
    const size = buffers.reduce((sum, { byteLength }) => sum + byteLength, 0);
    this.#sizes.push(size);
    this.#bytesInThread += size;
    this.#thread.postMessage({ type: 'spans', encoded, count } satisfies ToSender, buffers);
  }

  /** False where there is no thread. */
  postLogs(records: readonly LogRecordMessage[]): boolean {
    this.#thread?.postMessage({ type: 'logs', records } satisfies ToSender);
    return this.#thread !== undefined;
  }

  #answered(said: FromSender): void {
    const { of, sent, lost, reason, buffers = [] } = said;
    if (of === 'logs') {
      this.#options.logs?.answered(said);
      return;
    }
    if (of === 'metrics') {
      this.#sendsMetrics = false;
      if (reason !== undefined) this.#tellRefused(reason);
      return;
    }
    this.#inThread -= sent + lost;
    this.#bytesInThread -= this.#sizes.shift() ?? 0;
    this.counts.sent += sent;
    this.#batch.reuse(buffers);
    if (lost > 0) this.#lose(lost, reason ?? '');
  }

  #tellRefused(reason: string): void {
    const now = this.#options.world.monotonic();
    if (now - this.#refusedAt < TOLD_EVERY_MS) return;
    this.#refusedAt = now;
    this.#options.refused(reason);
  }

  #lose(count: number, reason: string): void {
    this.counts.lost += count;
    this.#untold += count;
    const now = this.#options.world.monotonic();
    if (this.#untold === 0 || now - this.#toldAt < TOLD_EVERY_MS) return;
    this.#toldAt = now;
    this.#options.lost(this.#untold, reason);
    this.#untold = 0;
  }
}
