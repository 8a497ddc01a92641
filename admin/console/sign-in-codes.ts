// Codes that open the Console once, signed in, for whoever reads the terminal of the platform.
import { randomBytes } from 'node:crypto';

const VALID_MS = 12 * 3_600_000;

export class SignInCodes {
  readonly #until = new Map<string, number>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  make(): string {
    const code = randomBytes(18).toString('base64url');
    this.#until.set(code, this.#now() + VALID_MS);
    return code;
  }

  /** True once for each code. */
  use(code: string): boolean {
    const until = this.#until.get(code);
    this.#until.delete(code);
    return until !== undefined && until > this.#now();
  }
}
