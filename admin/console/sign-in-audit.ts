// Writes sign-ins of the Console into the audit log: each one that was granted, and of those that
// were refused so few that they take megabytes a year, not the room of other entries.
import { randomUUID } from 'node:crypto';
import type { Request } from 'express';
import { TenfoldError } from '../../core/errors.ts';
import { toTimestamp } from '../../core/world.ts';
import type { Caller } from '../access/caller.ts';
import type { AuditControl } from '../audit-view.ts';

const ACTION = 'POST /console/session';
const MOST_CLIENT = 200;
const MOST_CLIENT_REFUSED = 60;
/** Anybody who reaches the port can be refused, and an entry of the log is kept for a year. */
const REFUSED_A_MINUTE = 20;
const REFUSED_A_DAY = 100;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const NOBODY = 'nobody';

export class SignInAudit {
  readonly #audit: Pick<AuditControl, 'happened'>;
  readonly #now: () => number;
  readonly #minute = new Share(REFUSED_A_MINUTE, MINUTE_MS);
  readonly #day = new Share(REFUSED_A_DAY, DAY_MS);
  #toldAt = Number.NEGATIVE_INFINITY;
  #untold = 0;

  constructor(audit: Pick<AuditControl, 'happened'>, now: () => number) {
    this.#audit = audit;
    this.#now = now;
  }

  granted(request: Request, { name }: Caller, way: 'token' | 'code'): void {
    this.#tell(request, { by: name, outcome: 'done', status: 201, asked: { way } });
  }

  refused(request: Request, error: unknown): void {
    const now = this.#now();
    const isSpent = [this.#minute, this.#day].map(share => share.isSpent(now)).includes(true);
    if (isSpent && now - this.#toldAt < HOUR_MS) {
      this.#untold += 1;
      return;
    }
    this.#minute.spend();
    this.#day.spend();
    this.#toldAt = now;
    const status = error instanceof TenfoldError ? error.status : 500;
    this.#tell(request, { by: NOBODY, outcome: status >= 500 ? 'failed' : 'refused', status });
  }

  #tell(request: Request, how: Omit<Parameters<AuditControl['happened']>[0], 'id' | 'at' | 'action' | 'from'>): void {
    const most = how.by === NOBODY ? MOST_CLIENT_REFUSED : MOST_CLIENT;
    const client = request.headers['user-agent']?.slice(0, most);
    this.#audit.happened({
      id: randomUUID(),
      at: toTimestamp(this.#now()),
      action: ACTION,
      from: request.socket.remoteAddress ?? '',
      ...(client === undefined ? {} : { client }),
      ...how,
      ...(this.#untold === 0 ? {} : { untold: this.#untold }),
    });
    this.#untold = 0;
  }
}

/** So many in a time, which begins with the first of them. */
class Share {
  readonly #most: number;
  readonly #forMs: number;
  #since = Number.NEGATIVE_INFINITY;
  #spent = 0;

  constructor(most: number, forMs: number) {
    this.#most = most;
    this.#forMs = forMs;
  }

  isSpent(now: number): boolean {
    if (now - this.#since >= this.#forMs) {
      this.#since = now;
      this.#spent = 0;
    }
    return this.#spent >= this.#most;
  }

  spend(): void {
    this.#spent += 1;
  }
}
