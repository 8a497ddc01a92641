// Buttons that do something. One that the caller may not use says who may.
import type { ComponentChildren } from 'preact';
import { useId, useState } from 'preact/hooks';
import type { Verb } from '../../admin/access/caller.ts';
import { learnRights, refusalOf } from '../api/rights.ts';

export interface ActProps {
  readonly verb: Verb;
  readonly namespace: string;
  readonly look?: 'primary' | 'danger' | 'plain';
  readonly disabled?: boolean;
  readonly act: () => void | Promise<void>;
  readonly children: ComponentChildren;
}

export function Act({ verb, namespace, look = 'plain', disabled = false, act, children }: ActProps) {
  const [note, setNote] = useState<string | undefined>(undefined);
  const [isBusy, setBusy] = useState(false);
  const id = useId();
  const refusal = refusalOf(verb, namespace);
  const press = async () => {
    setNote(undefined);
    setBusy(true);
    try {
      // Rights may have changed since the page learned them, so it asks before it refuses.
      if (refusal !== undefined) await learnRights();
      const still = refusalOf(verb, namespace);
      if (still === undefined) await act();
      else setNote(still);
    } catch (error) {
      setNote(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  };
  const said = note ?? refusal;
  return (
    <span class="act">
      <button
        type="button"
        class={`button ${look}`}
        disabled={disabled || isBusy}
        aria-disabled={refusal !== undefined}
        aria-describedby={said === undefined ? undefined : id}
        title={refusal}
        onClick={() => void press()}
      >
        {children}
      </button>
      {said === undefined ? null : (
        <span
          id={id}
          class={note === undefined ? 'unseen' : 'act-note'}
          role={note === undefined ? undefined : 'alert'}
        >
          {said}
        </span>
      )}
    </span>
  );
}

/** A command that a person can take along to a terminal. */
export function Command({ text }: { readonly text: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text).catch(() => undefined);
    setCopied(true);
    setTimeout(() => setCopied(false), 1_500);
  };
  return (
    <span class="command">
      <code>{text}</code>
      <button type="button" class="button ghost small" aria-label={`Copy ${text}`} onClick={() => void copy()}>
        {isCopied ? 'Copied' : 'Copy'}
      </button>
    </span>
  );
}
