// The View that a generation was built for, from the document that was kept with it.
import type { ViewGeneration } from '../../core/views/view-generations.ts';
import { loadText } from '../load/load-text.ts';
import type { Resource } from '../resource.ts';

/** Undefined when this version of the platform does not understand it any more. */
export function resourceOfGeneration({ manifest }: ViewGeneration): Resource<'View'> | undefined {
  // JSON is YAML, too.
  const { resources, problems } = loadText('generation.yaml', JSON.stringify(manifest));
  const [view] = resources;
  return view?.kind === 'View' && problems.every(({ severity }) => severity !== 'error') ? view : undefined;
}
