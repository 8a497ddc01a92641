// Completes the last word of what has been typed.
import { wordsOf } from '../text/analyze.ts';
import type { TextField } from '../text/plan.ts';
import type { Vocabulary } from './vocabulary.ts';

export function suggestFromVocabulary(vocabulary: Vocabulary, field: TextField, text: string, limit: number): string[] {
  const last = [...wordsOf(text)].at(-1);
  if (!last) return [];
  const before = text.slice(0, last.start);
  const completed = vocabulary.completions(field.number, last.word, limit);
  const words = completed.length > 0 ? completed : corrected(vocabulary, field, last.word, limit);
  return words.map(word => before + word);
}

function corrected(vocabulary: Vocabulary, field: TextField, word: string, limit: number): readonly string[] {
  if (!field.settings.fuzzy) return [];
  return vocabulary
    .similar(word, limit * 2)
    .filter(other => vocabulary.occurs(field.number, other) > 0)
    .slice(0, limit);
}
