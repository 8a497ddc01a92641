// The catalogue of Topics, or the entry of the one that the address names.
import { path } from '../../shell/router.ts';
import { TopicCatalogue } from './topic-catalogue.tsx';
import { TopicEntryPage } from './topic-entry.tsx';

export function TopicsPage() {
  const [, namespace, name] = path.value;
  if (!namespace || !name) return <TopicCatalogue />;
  return <TopicEntryPage key={`${namespace}/${name}`} namespace={namespace} name={name} />;
}
