// A state in a word and a shape, and only then in a colour.
import type { Tone } from './tone.ts';

/** Shapes that differ without colour: a square, a triangle, a disc, a ring, a dash. */
const SHAPES: Readonly<Record<Tone, string>> = {
  bad: 'M2 2h8v8H2z',
  warn: 'M6 1.5 11 10.5H1z',
  good: 'M6 1.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9z',
  busy: 'M6 1.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zm0 2a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5z',
  quiet: 'M2 5h8v2H2z',
};

export function Shape({ tone }: { readonly tone: Tone }) {
  return (
    <svg class={`shape ${tone}`} viewBox="0 0 12 12" width="10" height="10" aria-hidden="true">
      <path d={SHAPES[tone]} fill-rule="evenodd" />
    </svg>
  );
}

export function Badge({ tone, word }: { readonly tone: Tone; readonly word: string }) {
  return (
    <span class={`badge ${tone}`}>
      <Shape tone={tone} />
      {word}
    </span>
  );
}
