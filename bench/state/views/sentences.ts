// Texts of a vocabulary in which few words are frequent and most are rare, the same each time.

const FIRST = [
  'bre',
  'cof',
  'lan',
  'mir',
  'pel',
  'sto',
  'tra',
  'wen',
  'har',
  'gil',
  'fos',
  'dun',
  'cal',
  'bor',
  'ves',
  'quin',
  'jal',
  'kor',
  'ner',
  'zim',
];
const LAST = [
  'ton',
  'ling',
  'mark',
  'ster',
  'dale',
  'ville',
  'ness',
  'ford',
  'wick',
  'mere',
  'holm',
  'gate',
  'shire',
  'land',
  'worth',
];

/** 6,000 words. */
export const WORDS: readonly string[] = FIRST.flatMap(a => FIRST.flatMap(b => LAST.map(c => `${a}${b}${c}`)));

const LENGTH = 14;

export function sentence(number: number): string {
  let state = (number + 1) * 2_654_435_761;
  const words = Array.from({ length: LENGTH }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return WORDS[Math.floor(WORDS.length * (state / 2 ** 32) ** 3)] ?? '';
  });
  return words.join(' ');
}
