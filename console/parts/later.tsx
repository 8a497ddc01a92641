// A page or a part of one whose script is loaded when somebody opens it, so that others do not wait
// for it.
import type { ComponentChildren, ComponentType } from 'preact';
import { useEffect, useErrorBoundary, useState } from 'preact/hooks';
import { Loading } from './view.tsx';

interface Loaded<P> {
  readonly page?: ComponentType<P>;
  readonly hasFailed?: true;
}

/** `load` is the same each time: another one is another page. `with`: what the page is given. */
type LaterProps<P> = { readonly load: () => Promise<ComponentType<P>> } & (object extends P
  ? { readonly with?: P }
  : { readonly with: P });

export function Later<P extends object>(props: LaterProps<P>) {
  const { load, with: given } = props;
  const [state, setState] = useState<Loaded<P> & { readonly of?: unknown }>({});
  useEffect(() => {
    let isHere = true;
    load().then(
      page => isHere && setState({ page, of: load }),
      () => isHere && setState({ hasFailed: true, of: load }),
    );
    return () => {
      isHere = false;
    };
  }, [load]);
  const { page: Page, hasFailed } = state.of === load ? state : {};
  if (Page !== undefined)
    return (
      <Shown key={String(Page.name)}>
        <Page {...(given as P)} />
      </Shown>
    );
  return hasFailed === undefined ? <Loading /> : <Unshown title="This page could not be loaded" />;
}

/** A part that breaks while it is drawn takes nothing else of the page along. */
function Shown({ children }: { readonly children: ComponentChildren }) {
  const [error] = useErrorBoundary();
  return error === undefined ? children : <Unshown title="This part could not be shown" />;
}

function Unshown({ title }: { readonly title: string }) {
  return (
    <div class="empty" role="alert">
      <h2>{title}</h2>
      <p>The platform is away, or has another version since you opened the Console.</p>
      <button type="button" class="button" onClick={() => location.reload()}>
        Load the Console again
      </button>
    </div>
  );
}
