// The newest lines that a Function wrote: searched, and followed while somebody looks.
import { useRef, useState } from 'preact/hooks';
import type { FunctionLines } from '../../../../admin/asking/ask-view.ts';
import { counted } from '../../../../core/units/counted.ts';
import { ask } from '../../../api/ask.ts';
import { endpoints } from '../../../api/endpoints.ts';
import { useLive } from '../../../api/live.ts';
import { Badge } from '../../../parts/badge.tsx';
import { JsonTree } from '../../../parts/json-tree.tsx';
import { View } from '../../../parts/view.tsx';
import { When } from '../../../parts/when.tsx';
import { navigate, query, withQuery } from '../../../shell/router.ts';
import type { KindPartProps } from '../kind-props.ts';
import { joinLines, shownLine } from './line-words.ts';

const FOLLOW_MS = 2_000;
const PAGE = '200';

type LinesProps = Pick<KindPartProps, 'namespace' | 'name'>;

export function Lines({ namespace, name }: LinesProps) {
  const text = query.value.get('text') ?? '';
  const [isFollowed, setFollowed] = useState(true);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!(event.currentTarget instanceof HTMLFormElement)) return;
    navigate(withQuery({ text: String(new FormData(event.currentTarget).get('text') ?? '').trim() }), 'replace');
  };
  return (
    <section class="section">
      <div class="section-head">
        <h2>Log lines</h2>
        <button type="button" class="button" onClick={() => setFollowed(!isFollowed)}>
          {isFollowed ? 'Stop following' : 'Follow'}
        </button>
      </div>
      <form key={text} class="filters" onSubmit={submit}>
        <label>
          With this text
          <input name="text" type="search" defaultValue={text} />
        </label>
        <button type="submit" class="button">
          Search
        </button>
      </form>
      <Found key={text} namespace={namespace} name={name} text={text} isFollowed={isFollowed} />
    </section>
  );
}

function Found(props: LinesProps & { readonly text: string; readonly isFollowed: boolean }) {
  const { namespace, name, text, isFollowed } = props;
  const known = useRef<FunctionLines | undefined>(undefined);
  const load = async (signal: AbortSignal) => {
    const asked = { text, limit: PAGE, after: known.current?.position };
    const came = await ask(endpoints.functionLines, { params: { namespace, name }, query: asked }, signal);
    known.current = joinLines(known.current, came);
    return known.current;
  };
  const lines = useLive(`lines of ${namespace}/${name} ${text}`, isFollowed ? load : undefined, {
    everyMs: FOLLOW_MS,
    isUntold: true,
  });
  return <View of={lines}>{data => <List of={data} text={text} />}</View>;
}

const SHOWN = 50;

function List({ of: { kept, items, earlier, dropped }, text }: { readonly of: FunctionLines; readonly text: string }) {
  const [shown, setShown] = useState(SHOWN);
  if (!kept)
    return (
      <p class="muted">
        This process does not host the Function, so it has none of its lines. In a cluster, its pods have them.
      </p>
    );
  return (
    <>
      {items.length === 0 ? (
        <p class="muted">{text === '' ? 'It has written no line yet.' : `No line that is kept has “${text}” in it.`}</p>
      ) : (
        <ol class="log-lines" aria-label="Log lines, the newest first">
          {items
            .toReversed()
            .slice(0, shown)
            .map((line, index) => {
              const { at, tone, level, message, fields } = shownLine(line);
              return (
                <li key={earlier + items.length - index}>
                  <p>
                    <Badge tone={tone} word={level} />{' '}
                    <span class="faint">
                      <When at={at} />
                    </span>
                  </p>
                  <p class="mono line-text">{message}</p>
                  {fields === undefined ? null : (
                    <details>
                      <summary class="faint">More of it</summary>
                      <JsonTree value={fields} />
                    </details>
                  )}
                </li>
              );
            })}
        </ol>
      )}
      {items.length <= shown ? null : (
        <button type="button" class="button small" onClick={() => setShown(shown + SHOWN)}>
          Show more of {items.length - shown} others
        </button>
      )}
      <p class="faint">
        {earlier === 0 ? '' : `${counted(earlier, 'earlier line')} not shown. `}
        {dropped === 0 ? '' : `${counted(dropped, 'older line')} kept no longer. `}
        The process that hosts the Function keeps up to its newest 1,000 lines, and forgets them when it ends.
      </p>
    </>
  );
}
