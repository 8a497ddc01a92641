// A platform in which nothing is declared and nothing is wrong.
import type { Gathered } from '../../admin/gathered.ts';

export function fakeGathered(more: Partial<Gathered> = {}): Gathered {
  const lists = {
    resources: [],
    problems: [],
    functions: [],
    calls: [],
    routes: [],
    stranglers: [],
    topics: [],
    consumers: [],
  };
  return { at: 0, ...lists, views: [], pipelines: [], fanOuts: [], damaged: [], disk: [], ...more };
}
