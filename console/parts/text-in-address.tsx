// A field whose text is kept in the address. The letter is painted first, and then what it finds:
// whoever types does not wait for a list.
import { useEffect, useRef, useState } from 'preact/hooks';
import { release } from '../api/between-inputs.ts';
import { navigate, query, withQuery } from '../shell/router.ts';

export function TextInAddress(props: {
  readonly name: string;
  readonly label: string;
  /** Parameters that say nothing once the text is another one, such as the place in a list. */
  readonly drops?: readonly string[];
  /** Set where each text is a question to the platform: so long after the last letter. */
  readonly afterMs?: number;
}) {
  const { name, label, drops = [], afterMs } = props;
  const [typed, setTyped] = useState<string | undefined>(undefined);
  const cancel = useRef(() => {});
  useEffect(() => () => cancel.current(), []);
  const type = (text: string) => {
    cancel.current();
    setTyped(text);
    cancel.current = later(afterMs, () => {
      const dropped = Object.fromEntries(drops.map(each => [each, undefined]));
      navigate(withQuery({ ...dropped, [name]: text }), 'soon');
      release();
      setTyped(undefined);
    });
  };
  return (
    <label>
      {label}
      <input
        type="text"
        spellcheck={false}
        value={typed ?? query.value.get(name) ?? ''}
        onInput={event => type(event.currentTarget.value)}
      />
    </label>
  );
}

/** Without a time: once the browser has painted. The returned function cancels it. */
function later(ms: number | undefined, act: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const begin = () => {
    timer = setTimeout(act, ms ?? 0);
  };
  const frame = ms === undefined ? requestAnimationFrame(begin) : undefined;
  if (frame === undefined) begin();
  return () => {
    if (frame !== undefined) cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
}
