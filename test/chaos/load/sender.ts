// Sends one request again and again, to whichever gateway, until one of them has taken it.
import { setTimeout as pause } from 'node:timers/promises';

export interface Sender {
  /** Answers with what was answered when it was taken. */
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Taken>;
  /** Tries that were not, by what came instead. */
  readonly refused: ReadonlyMap<string, number>;
  /** Refusals that nobody should have got. */
  readonly wrong: readonly string[];
}

export interface Taken {
  readonly headers: Headers;
  readonly text: string;
}

const TRY_MS = 15_000;
const PAUSE_MS = 100;
/** Beside 5xx: clients send the same again then, as ours do. */
const AGAIN: readonly number[] = [
  // A gateway that was kept busy for longer than headers may take had not read it.
  408,
  // The same request is being accepted, or was when its gateway died.
  409, 429,
];

export function createSender(publicAddress: () => string, signal: AbortSignal): Sender {
  const refused = new Map<string, number>();
  const wrong: string[] = [];
  const attempt = async (
    path: string,
    body: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<Taken | string> => {
    try {
      const response = await fetch(`${publicAddress()}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body,
        signal: AbortSignal.any([signal, AbortSignal.timeout(TRY_MS)]),
      });
      const text = await response.text();
      if (response.ok) return { headers: response.headers, text };
      if (response.status < 500 && !AGAIN.includes(response.status))
        wrong.push(`${path} ${body} is refused: ${response.status} ${text}`);
      return String(response.status);
    } catch (error) {
      return error instanceof Error && error.name === 'TimeoutError' ? 'timeout' : 'connection lost';
    }
  };
  return {
    refused,
    wrong,
    async post(path, body, headers = {}) {
      for (;;) {
        const outcome = await attempt(path, JSON.stringify(body), headers);
        if (typeof outcome !== 'string') return outcome;
        refused.set(outcome, (refused.get(outcome) ?? 0) + 1);
        await pause(PAUSE_MS, undefined, { signal });
      }
    },
  };
}
