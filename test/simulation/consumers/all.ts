// The consumers by name, as the command line and child processes ask for them.
import type { Consumer } from './consumer.ts';
import { createDispatcherConsumer } from './dispatcher.ts';
import { createNaiveConsumer } from './naive.ts';

const consumers: Readonly<Record<string, () => Consumer>> = {
  dispatcher: createDispatcherConsumer,
  'naive-before': () => createNaiveConsumer('before', 1_000),
  'naive-drop': () => createNaiveConsumer('after', 2),
  'naive-retry': () => createNaiveConsumer('after', 1_000),
};

export function createConsumer(name: string): Consumer {
  const create = consumers[name];
  if (!create) throw new Error(`no consumer ${name}; one of ${Object.keys(consumers).join(', ')}`);
  return { ...create(), name };
}
