// The number of documents that a search has found, and the counts of the values of chosen fields.
import { counted } from '../../../../core/units/counted.ts';
import { numberWords } from '../../../parts/words.ts';
import { query, withQuery } from '../../../shell/router.ts';

export interface Total {
  readonly count: number;
  readonly exact: boolean;
}

export interface Facet {
  readonly values: readonly { readonly value: string | number | boolean; readonly count: number }[];
  /** Documents with any other value. */
  readonly others: number;
}

/** Values that are seen at once. */
const SEEN = 8;

export function Facets(props: { readonly of: Readonly<Record<string, Facet>>; readonly total: Total | undefined }) {
  const { of, total } = props;
  if (total === undefined) return null;
  return (
    <>
      <p class="muted">
        {total.exact ? '' : 'At least '}
        {numberWords(total.count)} {total.count === 1 ? 'document matches.' : 'documents match.'}
      </p>
      <div class="facets">
        {Object.entries(of).map(([field, facet]) => (
          <section key={field} aria-label={`Values of ${field}`}>
            <h3>{field}</h3>
            <Values field={field} of={facet} />
          </section>
        ))}
      </div>
    </>
  );
}

function Values({ field, of: { values, others } }: { readonly field: string; readonly of: Facet }) {
  const item = ({ value, count }: Facet['values'][number]) => (
    <li key={String(value)}>
      <span>{value === '' ? 'empty' : String(value)}</span>
      <Count field={field} value={value} count={count} />
    </li>
  );
  if (values.length === 0) return <p class="muted">No document has it.</p>;
  const more = values.slice(SEEN);
  return (
    <>
      <ul class="plan-groups">
        {values.slice(0, SEEN).map(item)}
        {others === 0 ? null : (
          <li class="muted">
            <span>all values that are not listed</span>
            {numberWords(others)}
          </li>
        )}
      </ul>
      {more.length === 0 ? null : (
        <details>
          <summary>{counted(more.length, 'more value')}</summary>
          <ul class="plan-groups">{more.map(item)}</ul>
        </details>
      )}
    </>
  );
}

/** It leads to what it counts. The field of the page holds one filter, so a second has no link. */
function Count(props: { readonly field: string; readonly value: string | number | boolean; readonly count: number }) {
  const { field, value, count } = props;
  if (query.value.get('filter')) return <>{numberWords(count)}</>;
  // Quotes keep a text literal that ends with an asterisk.
  const filter = `${field}:${typeof value === 'string' ? `"${value}"` : value}`;
  return <a href={withQuery({ filter })}>{numberWords(count)}</a>;
}
