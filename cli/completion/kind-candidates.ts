// The kinds that `tenfold get` can show, as candidates for completion.
import { kinds } from '../../resources/kinds/index.ts';
import { kindNames } from '../../resources/kinds/kind-names.ts';
import type { Candidate } from './answer.ts';

export function kindCandidates(): Candidate[] {
  return [
    { value: 'routes', description: 'What the public listener answers to.' },
    { value: 'problems', description: 'What is wrong with the resource files.' },
    ...kindNames.map(kind => ({ value: kinds[kind].plural, description: kinds[kind].summary })),
  ];
}
