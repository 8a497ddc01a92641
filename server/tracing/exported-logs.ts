// The log lines of a process on their way to the thread that sends them. A bounded number waits;
// the others are lost, counted and reported. They are printed all the same.
import type { FunctionService } from '../../core/tracing/span.ts';
import type { Timer, World } from '../../core/world.ts';
import type { FromSender, LogRecordMessage } from './messages.ts';

/** As of OpenTelemetry's `SeverityNumber`. */
const SEVERITIES = { trace: 1, debug: 5, info: 9, warn: 13, error: 17, fatal: 21 } as const;

export interface LoggedLine {
  readonly level: keyof typeof SEVERITIES;
  readonly message: string;
  readonly fields: object;
  /** The Function that wrote it; absent: this process. */
  readonly service?: FunctionService;
}

type Post = (records: readonly LogRecordMessage[]) => boolean;

interface Told {
  lost(count: number, reason: string): void;
}

const BATCH = 512;
const FLUSH_MS = 500;
/** Lines that wait here and in the thread, mostly some 20 MB. */
const MAX_PENDING = 20_000;
const MAX_PENDING_MB = 32;
/** Characters of a line: collectors take up to 20 MB at once. */
const MAX_LINE = 256 * 1024;
const TOLD_EVERY_MS = 60_000;
const TOO_MANY = `The collector does not take log lines as fast as they come: ${MAX_PENDING} of them, or ${MAX_PENDING_MB} MB, wait already.`;
const TOO_LONG = `A log line has more than ${MAX_LINE / 1024} KiB.`;

export class ExportedLogs {
  readonly counts = { sent: 0, lost: 0 };
  readonly #world: World;
  #waiting: LogRecordMessage[] = [];
  /** Characters of lines that wait here, and of each message that the thread has not answered. */
  #waitingSize = 0;
  #inThread: { readonly count: number; readonly size: number }[] = [];
  #post: Post | undefined;
  #told: Told | undefined;
  #isOff = false;
  #flush: Timer | undefined;
  #untold = 0;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(world: World) {
    this.#world = world;
  }

  add({ level, message, fields, service }: LoggedLine): void {
    if (this.#isOff) return;
    const { trace, span, ...rest } = fields as Readonly<Record<string, unknown>>;
    const attributes = Object.entries(rest).flatMap(([name, value]) => attributeOf(name, value));
    const size = attributes.reduce((sum, [name, value]) => sum + name.length + String(value).length, message.length);
    const refusal = size > MAX_LINE ? TOO_LONG : this.#hasRoom(size) ? undefined : TOO_MANY;
    if (refusal !== undefined) {
      this.#lose(1, refusal);
      return;
    }
    this.#waiting.push({
      at: this.#world.now(),
      severity: SEVERITIES[level],
      level,
      message,
      attributes,
      ...(typeof trace === 'string' ? { trace } : {}),
      ...(typeof span === 'string' ? { span } : {}),
      ...(service === undefined ? {} : { service }),
    });
    this.#waitingSize += size;
    if (this.#post === undefined) return;
    if (this.#waiting.length >= BATCH) this.flush();
    else this.#flush ??= this.#world.after(FLUSH_MS, () => this.flush());
  }

  /** Lines from before wait for this. `post` says whether there is a thread. */
  begin(post: Post, told: Told): void {
    this.#post = post;
    this.#told = told;
    this.flush();
  }

  /** None is exported, nor kept. */
  leaveOff(): void {
    this.#isOff = true;
    this.#waiting = [];
    this.#waitingSize = 0;
  }

  flush(): void {
    this.#flush?.cancel();
    this.#flush = undefined;
    const records = this.#waiting;
    if (records.length === 0 || this.#post === undefined) return;
    const size = this.#waitingSize;
    this.#waiting = [];
    this.#waitingSize = 0;
    if (this.#post(records)) this.#inThread.push({ count: records.length, size });
    else this.#lose(records.length, 'Their thread has ended, and starts again soon.');
  }

  /** The thread answers its messages in turn. */
  answered({ sent, lost, reason = '' }: FromSender): void {
    this.#inThread.shift();
    this.counts.sent += sent;
    if (lost > 0) this.#lose(lost, reason);
  }

  threadEnded(why: string): void {
    const lost = this.#inThread.reduce((sum, { count }) => sum + count, 0);
    this.#inThread = [];
    if (lost > 0) this.#lose(lost, why);
  }

  #hasRoom(size: number): boolean {
    const all = [...this.#inThread, { count: this.#waiting.length, size: this.#waitingSize + size }];
    const [count, sum] = [all.reduce((n, one) => n + one.count, 0), all.reduce((n, one) => n + one.size, 0)];
    return count < MAX_PENDING && sum <= MAX_PENDING_MB * 1024 * 1024;
  }

  /** The line that tells of it is exported like others, and may be lost as well. */
  #lose(count: number, reason: string): void {
    this.counts.lost += count;
    this.#untold += count;
    const now = this.#world.monotonic();
    if (this.#told === undefined || now - this.#toldAt < TOLD_EVERY_MS) return;
    this.#toldAt = now;
    const untold = this.#untold;
    this.#untold = 0;
    this.#told.lost(untold, reason);
  }
}

function attributeOf(name: string, value: unknown): [string, string | number | boolean][] {
  if (value === undefined || value === null) return [];
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return [[name, value]];
  return [[name, JSON.stringify(value) ?? String(value)]];
}
