// A choice that is kept in the address, by the name of its parameter.
import { navigate, query, withQuery } from '../shell/router.ts';

export function ChoiceInAddress(props: {
  readonly name: string;
  readonly label: string;
  readonly values: readonly string[];
  /** Parameters that say nothing once another value is chosen, such as the place in a list. */
  readonly drops?: readonly string[];
}) {
  const { name, label, values, drops = [] } = props;
  const choose = (value: string) => {
    const dropped = Object.fromEntries(drops.map(each => [each, undefined]));
    navigate(withQuery({ ...dropped, [name]: value }), 'replace');
  };
  return (
    <label>
      {label}
      <select value={query.value.get(name) ?? ''} onChange={event => choose(event.currentTarget.value)}>
        <option value="">all</option>
        {values.map(value => (
          <option key={value} value={value}>
            {value}
          </option>
        ))}
      </select>
    </label>
  );
}
