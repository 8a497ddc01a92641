// The session of this browser: the proof that goes with each request, beside a cookie that no
// script can read.
import { signal } from '@preact/signals';

interface Kept {
  readonly proof: string;
  /** RFC 3339. */
  readonly endsAt: string;
}

/** Other ports of the same host have a storage of their own, but share cookies. */
const PLACE = 'tenfold.session';
export const PROOF = 'x-tenfold-session';
const ADDRESS = '/console/session';

/** `asking`: the page does not know yet whether it is let in. */
export const access = signal<'asking' | 'in' | 'out'>('asking');

export function proofOfSession(): Readonly<Record<string, string>> {
  const kept = readKept();
  return kept === undefined ? {} : { [PROOF]: kept.proof };
}

/** Answers with a sentence for people when it did not work. */
export async function signIn(by: { readonly token: string } | { readonly code: string }): Promise<string | undefined> {
  try {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(ADDRESS, { method: 'POST', headers, body: JSON.stringify(by) });
    const said = (await answer.json()) as Kept & { readonly detail?: string };
    if (!answer.ok) return wordsFor(answer.status, 'code' in by, said.detail);
    localStorage.setItem(PLACE, JSON.stringify({ proof: said.proof, endsAt: said.endsAt }));
    access.value = 'in';
    return undefined;
  } catch {
    return 'The platform does not answer. See whether it runs, and try again.';
  }
}

export async function signOut(): Promise<void> {
  endSession();
  await fetch(ADDRESS, { method: 'DELETE' }).catch(() => undefined);
}

export function endSession(): void {
  localStorage.removeItem(PLACE);
  access.value = 'out';
}

function wordsFor(status: number, byCode: boolean, detail: string | undefined): string {
  if (status === 401 && !byCode) return 'The platform does not know this token. Copy the whole of it, and try again.';
  return detail ?? `The platform answered with the status ${status}.`;
}

function readKept(): Kept | undefined {
  try {
    const text = localStorage.getItem(PLACE);
    return text === null ? undefined : (JSON.parse(text) as Kept);
  } catch {
    return undefined;
  }
}
