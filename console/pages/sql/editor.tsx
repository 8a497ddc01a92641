// A field for a query, with the names that may stand at the caret below it.
import { useRef, useState } from 'preact/hooks';
import type { SqlTableReport } from '../../../admin/sql-view.ts';
import { type Completion, completionAt, type NameChoice } from './completion.ts';

export interface Place {
  readonly line: number;
  readonly column: number;
}

const LIST = 'sql-choices';

export function Editor(props: {
  readonly sql: string;
  readonly tables: readonly SqlTableReport[];
  readonly set: (sql: string) => void;
  readonly run: () => void;
}) {
  const { sql, tables, set, run } = props;
  const field = useRef<HTMLTextAreaElement>(null);
  const [open, setOpen] = useState<Completion | undefined>(undefined);
  const [chosen, setChosen] = useState(0);
  const offer = (always: boolean) => {
    const { value = '', selectionStart = 0 } = field.current ?? {};
    setOpen(completionAt(value, selectionStart, tables, always));
    setChosen(0);
  };
  const take = ({ text }: NameChoice) => {
    const element = field.current;
    if (!element || !open) return;
    element.setRangeText(text, open.from, element.selectionEnd, 'end');
    set(element.value);
    setOpen(undefined);
    element.focus();
  };
  const move = (step: number) => {
    const count = open?.choices.length ?? 1;
    const next = (chosen + step + count) % count;
    setChosen(next);
    document.getElementById(`${LIST}-${next}`)?.scrollIntoView({ block: 'nearest' });
  };
  const press = (event: KeyboardEvent) => {
    const { key, ctrlKey, metaKey } = event;
    const choice = open?.choices[chosen];
    if (key === 'Enter' && (ctrlKey || metaKey)) run();
    else if (key === ' ' && ctrlKey) offer(true);
    else if (choice === undefined) return;
    else if (key === 'Enter' || key === 'Tab') take(choice);
    else if (key === 'ArrowDown') move(1);
    else if (key === 'ArrowUp') move(-1);
    else if (key === 'Escape') setOpen(undefined);
    else return;
    event.preventDefault();
  };
  return (
    <div class="sql-editor">
      <textarea
        ref={field}
        data-sql
        class="mono"
        aria-label="Query"
        aria-autocomplete="list"
        aria-controls={open === undefined ? undefined : LIST}
        aria-activedescendant={open === undefined ? undefined : `${LIST}-${chosen}`}
        rows={8}
        spellcheck={false}
        autocomplete="off"
        autocapitalize="off"
        placeholder="SELECT type, count(*) FROM orders GROUP BY type"
        value={sql}
        onInput={event => {
          set(event.currentTarget.value);
          offer(false);
        }}
        onKeyDown={press}
        onClick={() => setOpen(undefined)}
        onBlur={() => setOpen(undefined)}
      />
      {open === undefined ? null : (
        <div id={LIST} role="listbox" aria-label="Names that may stand here" class="sql-choices">
          {open.choices.map((choice, index) => (
            <div
              key={`${choice.is} ${choice.text}`}
              id={`${LIST}-${index}`}
              role="option"
              aria-selected={index === chosen}
              tabIndex={-1}
              // A press must not take the focus from the field.
              onMouseDown={event => {
                event.preventDefault();
                take(choice);
              }}
            >
              <span class="mono">{choice.text}</span>
              <span class="faint">{choice.of || choice.is}</span>
            </div>
          ))}
        </div>
      )}
    </div>
  );
}

/** Puts the caret where a query is wrong. */
export function showPlace({ line, column }: Place): void {
  const field = document.querySelector<HTMLTextAreaElement>('[data-sql]');
  if (field === null) return;
  const before = field.value.split('\n').slice(0, line - 1);
  const start = before.reduce((sum, text) => sum + text.length + 1, 0) + column - 1;
  const [word = ''] = /^\w+|^./.exec(field.value.slice(start)) ?? [];
  field.focus();
  field.setSelectionRange(start, start + Math.max(1, word.length));
}
