// The states that every view has: it loads, it failed, it is empty, it is old, or it has something
// to show. Each says what to do.
import type { ComponentChildren } from 'preact';
import { ApiError } from '../api/ask.ts';
import type { Live } from '../api/live.ts';
import { clock, When } from './when.tsx';

const STALE_MS = 20_000;

export function View<T>(props: { readonly of: Live<T>; readonly children: (data: T) => ComponentChildren }) {
  const { data, error, at, again } = props.of;
  if (data === undefined) return error === undefined ? <Loading /> : <Failed error={error} again={again} />;
  const isStale = error !== undefined && at !== undefined && clock.value - at > STALE_MS;
  return (
    <>
      {error !== undefined && at !== undefined ? (
        <p class={isStale ? 'banner banner-warn' : 'banner'} role="status">
          <span>
            This is from <When at={new Date(at).toISOString()} />. {error.message}
          </span>
          <button type="button" class="button small" onClick={again}>
            Ask now
          </button>
        </p>
      ) : null}
      {props.children(data)}
    </>
  );
}

export function Loading() {
  return (
    <div class="loading" role="status" aria-label="Loading">
      <span />
      <span />
      <span />
    </div>
  );
}

export function Failed({ error, again }: { readonly error: Error; readonly again: () => void }) {
  const needs = error instanceof ApiError ? error.needs : undefined;
  return (
    <div class="empty" role="alert">
      <h2>{needs === undefined ? 'This could not be read' : 'You may not see this'}</h2>
      <p>{error.message}</p>
      <button type="button" class="button" onClick={again}>
        Try again
      </button>
    </div>
  );
}

export function Empty(props: { readonly title: string; readonly children?: ComponentChildren }) {
  return (
    <div class="empty">
      <h2>{props.title}</h2>
      {props.children}
    </div>
  );
}

export function PageHead(props: {
  readonly title: ComponentChildren;
  readonly over?: ComponentChildren;
  readonly children?: ComponentChildren;
}) {
  return (
    <header class="page-head">
      <div class="page-title">
        {props.over === undefined ? null : <p class="over">{props.over}</p>}
        <h1 tabIndex={-1}>{props.title}</h1>
      </div>
      {props.children === undefined ? null : <div class="page-actions">{props.children}</div>}
    </header>
  );
}
