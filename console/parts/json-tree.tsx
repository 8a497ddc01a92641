// JSON as a tree that opens and closes. Large values are shown in parts, and nothing is left out
// without a word.
import { useState } from 'preact/hooks';

const SHOWN = 100;
const OPEN_DEPTH = 3;
const OPEN_SIZE = 12;

export function JsonTree({ value }: { readonly value: unknown }) {
  return (
    <div class="json">
      <Node value={value} depth={0} />
    </div>
  );
}

interface NodeProps {
  readonly name?: string;
  readonly value: unknown;
  readonly depth: number;
}

function Node({ name, value, depth }: NodeProps) {
  const entries = entriesOf(value);
  const [shown, setShown] = useState(SHOWN);
  if (entries === undefined || entries.length === 0)
    return (
      <div class="json-leaf">
        <Name name={name} />
        <Leaf value={value} />
      </div>
    );
  const isOpen = depth < OPEN_DEPTH && (depth === 0 || entries.length <= OPEN_SIZE);
  const left = entries.length - shown;
  return (
    <details open={isOpen}>
      <summary>
        <Name name={name} />
        <span class="faint">{Array.isArray(value) ? `[${entries.length}]` : `{${entries.length}}`}</span>
      </summary>
      <div class="json-inside">
        {entries.slice(0, shown).map(([key, inner]) => (
          <Node key={key} name={key} value={inner} depth={depth + 1} />
        ))}
        {left > 0 ? (
          <button type="button" class="button ghost small" onClick={() => setShown(shown + SHOWN)}>
            Show more of {left} others
          </button>
        ) : null}
      </div>
    </details>
  );
}

function Name({ name }: { readonly name: string | undefined }) {
  return name === undefined ? null : <span class="json-name">{name}</span>;
}

function Leaf({ value }: { readonly value: unknown }) {
  const kind = value === null ? 'null' : typeof value;
  return <span class={`json-${kind}`}>{typeof value === 'string' ? `"${value}"` : JSON.stringify(value)}</span>;
}

function entriesOf(value: unknown): [string, unknown][] | undefined {
  return typeof value === 'object' && value !== null ? Object.entries(value) : undefined;
}
