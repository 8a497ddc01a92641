// Measures how plainly text is written: long sentences, and sentences that open without a subject.

/** A sentence with its file. */
export interface Sentence {
  readonly file: string;
  readonly text: string;
  readonly words: number;
}

export interface TextFile {
  readonly file: string;
  readonly text: string;
}

/** Openings that leave the reader without a subject: "Of this process: …", "What is away …". */
const OPENS_WITHOUT_SUBJECT =
  /^(?:Who|Whoever|Whom|Whose|Nobody|Somebody|What|Whatever|Whichever|Of|So (?:does|do|it|that|is|are|as)|Such|Where|By (?:it|what|which)|As (?:long|far|it)|Those|That of|Neither|Nor|Than|Else|Without any|From then|For what|In what|With what)\b(?!.*\?$)/;
/** A sentence with more words is long. */
const LONG = 28;
/** What has fewer words is a label, not a sentence. */
const LABEL = 3;

export const isLong = ({ words }: Sentence): boolean => words > LONG;
export const lacksSubject = ({ text }: Sentence): boolean => OPENS_WITHOUT_SUBJECT.test(text);

/** Prose of Markdown, without code blocks and tables. */
export function docSentences(files: readonly TextFile[]): Sentence[] {
  return files.flatMap(({ file, text }) =>
    text
      .replaceAll(/```[\s\S]*?```/g, '')
      .replaceAll(/^\s*\|.*$/gm, '')
      .split(/\n\s*\n|\n(?=\s*(?:[-*]|\d+\.)\s)/)
      .flatMap(block => sentencesOf(file, block)),
  );
}

/** Comments of TypeScript: blocks, lines that follow each other, and those at the end of a line. */
export function commentSentences(files: readonly TextFile[]): Sentence[] {
  const comment = /\/\*\*?((?:(?!\*\/)[\s\S])*)\*\/|((?:^[ \t]*\/\/[^\n]*\n)+)|(?<=[;,{)\]] )\/\/([^\n]*)$/gm;
  return files.flatMap(({ file, text }) =>
    [...text.matchAll(comment)].flatMap(match => {
      const body = match[1] ?? match[2] ?? match[3] ?? '';
      return sentencesOf(file, body.replaceAll(/^\s*(?:\/\/+|\*)\s?/gm, ''));
    }),
  );
}

/** Strings of TypeScript that hold a sentence. */
export function messageSentences(files: readonly TextFile[]): Sentence[] {
  const literal = /'((?:[^'\\\n]|\\.){12,})'|`((?:[^`\\]|\\.){12,})`|"((?:[^"\\\n]|\\.){12,})"/g;
  return files.flatMap(({ file, text }) => {
    const code = text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '');
    return [...code.matchAll(literal)].flatMap(match => {
      const body = (match[1] ?? match[2] ?? match[3] ?? '').replaceAll(/\$\{[^}]*\}/g, 'value');
      return isMessage(body) ? sentencesOf(file, body) : [];
    });
  });
}

function isMessage(text: string): boolean {
  const spaces = text.split(' ').length - 1;
  return /^[A-Z][a-z]* .*[a-z]/.test(text) && spaces >= 3 && !/[<>{}=]|SELECT|CREATE|INSERT/.test(text);
}

function sentencesOf(file: string, block: string): Sentence[] {
  const plain = block
    .replaceAll(/\s+/g, ' ')
    .trim()
    .replaceAll(/`[^`]*`/g, 'code')
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/[*_#>|]/g, ' ');
  return plain.split(/(?<=[.!?;:])\s+(?=[A-Z"(])/).flatMap(part => {
    const words = part.match(/[A-Za-z0-9'’/-]+/g)?.length ?? 0;
    return words > LABEL ? [{ file, text: part.trim(), words }] : [];
  });
}
