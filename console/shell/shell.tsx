// The frame around every page: where one can go, the search, and who one is.
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { rights } from '../api/rights.ts';
import { signOut } from '../api/session.ts';
import { Dialog } from '../parts/dialog.tsx';
import { themeWords } from './chosen-theme.ts';
import { isHelpOpen, shortcuts } from './keys.ts';
import { linkTo, navigate, path, query } from './router.ts';
import { StreamStatus } from './stream-status.tsx';
import { nextTheme, theme } from './theme.ts';

const PLACES: readonly { readonly word: string; readonly parts: readonly string[] }[] = [
  { word: 'What is wrong', parts: [] },
  { word: 'What is there', parts: ['graph'] },
  { word: 'Failures', parts: ['failures'] },
  { word: 'Operations', parts: ['operations'] },
  { word: 'Resources', parts: ['resources'] },
  { word: 'Topics', parts: ['topics'] },
  { word: 'Schedules', parts: ['schedules'] },
  { word: 'SQL', parts: ['sql'] },
  { word: 'Audit', parts: ['audit'] },
  { word: 'Settings', parts: ['settings'] },
];

export function Shell({ children }: { readonly children: ComponentChildren }) {
  const [first = ''] = path.value;
  // On a phone the places are one row, which is wider than the screen.
  useEffect(() => {
    document.querySelector('nav [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [first]);
  return (
    <div class="shell">
      <a class="skip" href="#main" target="_self">
        Skip to the page
      </a>
      <nav class="side" aria-label="Pages">
        <a class="brand" href={linkTo([])}>
          <img src="/console/assets/icon.svg" width="22" height="22" alt="" />
          Tenfold
        </a>
        <ul>
          {PLACES.map(({ word, parts }) => (
            <li key={word}>
              <a href={linkTo(parts)} aria-current={(parts[0] ?? '') === first ? 'page' : undefined}>
                {word}
              </a>
            </li>
          ))}
        </ul>
        <Person />
      </nav>
      <div class="body">
        <header class="top">
          <Search />
          <StreamStatus />
        </header>
        <main id="main">{children}</main>
      </div>
      {isHelpOpen.value ? <Help /> : null}
    </div>
  );
}

function Search() {
  const said = path.value[0] === 'find' ? (query.value.get('q') ?? '') : '';
  const [text, setText] = useState(said);
  useEffect(() => setText(said), [said]);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const namespace = path.value[0] === 'find' ? (query.value.get('namespace') ?? undefined) : undefined;
    if (text.trim() !== '') navigate(linkTo(['find'], { q: text.trim(), namespace }));
  };
  return (
    <search>
      <form class="search" onSubmit={submit}>
        <input
          type="search"
          data-search
          aria-label="Find an event by its id, key, trace or job"
          placeholder="Find an event: id, key, trace or job"
          spellcheck={false}
          value={text}
          onInput={event => setText(event.currentTarget.value)}
        />
        <kbd>/</kbd>
      </form>
    </search>
  );
}

function Person() {
  return (
    <div class="person">
      <div class="person-who">
        <p class="muted" title={rightsWords()}>
          {rights.value?.name ?? ''}
        </p>
        <button type="button" class="button ghost small" onClick={() => void signOut()}>
          Sign out
        </button>
      </div>
      <div class="person-acts">
        <button type="button" class="button ghost small" onClick={nextTheme}>
          {themeWords[theme.value]}
        </button>
        <button
          type="button"
          class="button ghost small"
          onClick={() => {
            isHelpOpen.value = true;
          }}
        >
          Keys
        </button>
        <a class="button ghost small" href="/docs/">
          Docs
        </a>
      </div>
    </div>
  );
}

function rightsWords(): string {
  const { everywhere = [], namespaces = [] } = rights.value ?? {};
  if (everywhere.length > 0) return `You may ${everywhere.join(', ')} in all namespaces.`;
  return namespaces.map(({ namespace, may }) => `${namespace}: ${may.join(', ')}`).join('\n');
}

function Help() {
  return (
    <Dialog
      title="Keyboard"
      close={() => {
        isHelpOpen.value = false;
      }}
    >
      <dl class="keys">
        {shortcuts.map(({ keys, does }) => (
          <div key={does}>
            <dt>
              {keys.map(key => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
