// A number or a word with its title, for a row of them; it links to what it counts.
import type { ComponentChildren } from 'preact';

export function Figure(props: {
  readonly title: string;
  readonly value: ComponentChildren;
  readonly href?: string | undefined;
}) {
  const { title, value, href } = props;
  return (
    <div>
      <dt>{title}</dt>
      <dd>{href === undefined ? value : <a href={href}>{value}</a>}</dd>
    </div>
  );
}
