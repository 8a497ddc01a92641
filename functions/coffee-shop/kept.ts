// Event-sourced state: a service writes the events of a topic of its own, and reads them by its
// Views. No file, no instance and no database has to last.
import { type Context, InvokeError, type QueryParams } from 'tenfold';

export interface Place {
  /** The service's own. */
  readonly topic: string;
  /** The View with a row of each document. */
  readonly view: string;
  /** The document's key there. */
  readonly key: string;
}

/**
 * Returns once the document is durable, as a rule when whoever reads the View finds it. It takes
 * the place of one with the same key.
 */
export async function keep(context: Context, { topic, view, key }: Place, document: object, type: string) {
  const { position } = await context.publish(topic, document, { type, subject: key });
  await follow(context, { view, key, position });
}

/**
 * Waits for the View. When that takes too long, the event is kept all the
 * same: the View shows it later.
 */
export async function follow(
  context: Context,
  { view, key, position }: Pick<Place, 'view' | 'key'> & { readonly position: string },
): Promise<void> {
  try {
    await find(context, view, key, position);
  } catch (error) {
    context.logger.warn('kept, and not yet to be seen', { view, key, error });
  }
}

/** `after`: of an event that must be in. Undefined: the View has no row with this key. */
export async function find<T>(context: Context, view: string, key: string, after?: string): Promise<T | undefined> {
  try {
    return (await context.query(view, { key, after })) as T;
  } catch (error) {
    if (error instanceof InvokeError && error.status === 404) return undefined;
    throw error;
  }
}

/** The rows that an index of the View has, in its order, at most 100. */
export async function list<T>(context: Context, view: string, params: QueryParams): Promise<T[]> {
  const { items } = (await context.query(view, { limit: 100, ...params })) as { items: { value: T }[] };
  return items.map(({ value }) => value);
}
