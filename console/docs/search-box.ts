// The search of the documentation: what is typed, what is found, and the keys between them.
import { createIndex, type FoundSection, type SearchIndex } from './search-index.ts';

const MOST = 12;

interface Box {
  readonly input: HTMLInputElement;
  readonly found: HTMLElement;
  readonly says: HTMLElement;
  readonly list: HTMLElement;
}

/** `up` leads to the folder of the documentation. */
export function startSearch(up: string): void {
  const search = document.querySelector<HTMLElement>('.find');
  const box = search && boxOf(search);
  if (!search || !box) return;
  const { input, found } = box;
  let loading: Promise<SearchIndex> | undefined;
  const index = () => {
    loading ??= load(up).catch(error => {
      loading = undefined;
      throw error;
    });
    return loading;
  };
  const show = async () => {
    const words = input.value.trim();
    found.hidden = words === '';
    if (words === '') return;
    const ready = await index().catch(() => undefined);
    if (input.value.trim() === words) showFound(box, ready?.find(words, MOST), up);
  };
  input.addEventListener('focus', () => void index().catch(() => undefined));
  input.addEventListener('input', () => void show());
  input.form?.addEventListener('submit', event => {
    event.preventDefault();
    found.querySelector('a')?.click();
  });
  search.addEventListener('keydown', event => walk(event, box));
  search.addEventListener('focusout', ({ relatedTarget }) => {
    if (!(relatedTarget instanceof Node && search.contains(relatedTarget))) found.hidden = true;
  });
  input.addEventListener('focus', () => {
    found.hidden = input.value.trim() === '';
  });
  // A press on what is found keeps the focus, so that it is not hidden before the click.
  found.addEventListener('mousedown', event => event.preventDefault());
  document.addEventListener('keydown', event => {
    const isTyping = event.target instanceof HTMLElement && event.target.matches('input, textarea, select');
    if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    input.focus();
    input.select();
  });
  search.hidden = false;
}

function boxOf(search: HTMLElement): Box | undefined {
  const input = search.querySelector('input');
  const found = search.querySelector<HTMLElement>('.found');
  const says = search.querySelector<HTMLElement>('.found-says');
  const list = search.querySelector('ul');
  return input && found && says && list ? { input, found, says, list } : undefined;
}

async function load(up: string): Promise<SearchIndex> {
  const response = await fetch(`${up}search.json`);
  if (!response.ok) throw new Error(`The index was answered with ${response.status}.`);
  return createIndex(await response.json());
}

function showFound({ says, list }: Box, result: ReturnType<SearchIndex['find']> | undefined, up: string): void {
  const { found, all } = result ?? { found: [], all: 0 };
  says.textContent = wordsFor(result === undefined, found.length, all);
  list.replaceChildren(...found.map(each => itemOf(each, up)));
}

function wordsFor(isLost: boolean, shown: number, all: number): string {
  if (isLost) return 'The index could not be loaded. Type again to try once more.';
  if (all === 0) return 'No section has these words.';
  return all > shown ? `The best ${shown} of ${all} sections; more words find fewer.` : `Sections found: ${all}.`;
}

function itemOf({ address, page, heading, around }: FoundSection, up: string): HTMLElement {
  const link = document.createElement('a');
  link.href = up + address;
  link.append(partOf('strong', heading), partOf('span', heading === page ? '' : page), partOf('small', around));
  const item = document.createElement('li');
  item.append(link);
  return item;
}

function partOf(tag: string, text: string): HTMLElement {
  const part = document.createElement(tag);
  part.textContent = text;
  return part;
}

function walk(event: KeyboardEvent, { input, found }: Box): void {
  const stops: HTMLElement[] = [input, ...found.querySelectorAll('a')];
  const at = stops.indexOf(document.activeElement as HTMLElement);
  if (event.key === 'Escape') {
    input.focus();
    found.hidden = true;
    return;
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined || found.hidden) return;
  event.preventDefault();
  stops[Math.max(0, Math.min(stops.length - 1, at + step))]?.focus();
}
