// Starts the Console in a browser: finds out whether it is let in, and shows the page of the
// address.
import { render } from 'preact';
import { ApiError } from './api/ask.ts';
import { hearInputs } from './api/between-inputs.ts';
import { forgetRights, learnRights } from './api/rights.ts';
import { access, signIn } from './api/session.ts';
import { startClock } from './parts/when.tsx';
import { App } from './shell/app.tsx';
import { chosenTheme, showTheme } from './shell/chosen-theme.ts';
import { listenToKeys } from './shell/keys.ts';
import { followLinks } from './shell/router.ts';

const place = document.querySelector('#app');

/**
 * The code of an address opens the Console once; it stays in no history. A code that does not work
 * ends no session. Rejects never.
 */
async function letIn(): Promise<string | undefined> {
  const code = codeOfAddress();
  if (code !== undefined) history.replaceState(undefined, '', location.pathname + location.search);
  const problem = code === undefined ? undefined : await signIn({ code });
  if (code !== undefined && problem === undefined) forgetRights();
  try {
    // A person who opens the address a second time has a session from the first.
    await learnRights();
    access.value = 'in';
    return undefined;
  } catch (error) {
    if (access.value === 'asking') access.value = 'out';
    return problem ?? (error instanceof ApiError && error.status !== 401 ? error.message : undefined);
  }
}

function codeOfAddress(): string | undefined {
  return new URLSearchParams(location.hash.slice(1)).get('code') ?? undefined;
}

if (place) {
  showTheme(chosenTheme());
  hearInputs();
  followLinks();
  listenToKeys();
  startClock();
  render(<App problem={undefined} />, place);
  const enter = async () => {
    const problem = await letIn();
    if (problem !== undefined && access.value === 'out') render(<App key={problem} problem={problem} />, place);
  };
  void enter();
  // The address of the terminal, opened where a page of the Console is open, loads nothing anew.
  addEventListener('hashchange', () => {
    if (codeOfAddress() !== undefined) void enter();
  });
}
