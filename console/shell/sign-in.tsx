// Lets somebody in by a token. An address with a code, as the terminal prints it, needs none.
import { useState } from 'preact/hooks';
import { signIn } from '../api/session.ts';

export function SignIn({ problem }: { readonly problem: string | undefined }) {
  const [token, setToken] = useState('');
  const [said, setSaid] = useState(problem);
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    setBusy(true);
    setSaid(await signIn({ token: token.trim() }));
    setBusy(false);
  };
  return (
    <main class="sign-in">
      <img src="/console/assets/icon.svg" width="40" height="40" alt="" />
      <h1>Tenfold Console</h1>
      <form onSubmit={event => void submit(event)}>
        <label for="token">Token of the admin API</label>
        <input
          id="token"
          type="password"
          autocomplete="current-password"
          spellcheck={false}
          required
          value={token}
          onInput={event => setToken(event.currentTarget.value)}
        />
        {said === undefined ? null : (
          <p class="problem" role="alert">
            {said}
          </p>
        )}
        <button type="submit" class="button primary" disabled={isBusy || token.trim() === ''}>
          Sign in
        </button>
      </form>
      <p class="muted">
        On your own machine, open the address that <code>tenfold dev</code> prints. The token is also in{' '}
        <code>.tenfold/platform.json</code> of the application.
      </p>
    </main>
  );
}
