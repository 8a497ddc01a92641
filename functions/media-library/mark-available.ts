// Gathers what was made of an asset, checks that all of it is there, and marks the asset available.
import { gathered, http } from 'tenfold';
import { type Rendition, sizes } from './tasks.ts';

interface Uploaded {
  readonly name: string;
}

export default http(async (request, { publish, logger }) => {
  const { job, event, items } = await gathered<Uploaded, Rendition>(request);
  const asset = event.data?.name ?? '';
  const renditions: Record<string, Omit<Rendition, 'task'>> = {};
  for await (const item of items) {
    if (item.state !== 'succeeded' || item.result.task === 'metadata') continue;
    const { task, ...rendition } = item.result;
    renditions[task] = rendition;
  }
  const missing = Object.keys(sizes).filter(task => renditions[task] === undefined);
  if (missing.length > 0) throw new Error(`${asset} has no ${missing.join(', ')}`);
  const change = { asset, available: true, renditions };
  const { position } = await publish('assets.changed', change, { id: `${job.id}-${job.generation}` });
  logger.info('an asset is available', { asset });
  return { asset, renditions, position };
});
