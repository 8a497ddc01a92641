// Reads survivors.md: mutants that no test finds, each with the reason why none has to.
import type { Mutant } from './instrument.ts';

/**
 * `file`, the text of its line, and the mutation: what an explanation names. It goes
 * on to fit when lines move.
 */
export function keyOf({ file, text, original, replacement }: Mutant): string {
  return `${file} | ${text} | ${original} → ${replacement}`;
}

/** Reasons by key. */
export function readSurvivors(markdown: string): ReadonlyMap<string, string> {
  const reasons = new Map<string, string>();
  let file = '';
  let text = '';
  for (const [index, line] of markdown.split('\n').entries()) {
    const [, mark, rest = ''] = /^(## |### |- )(.*)$/.exec(line) ?? [];
    if (mark === '## ') file = rest;
    if (mark === '### ') text = unquote(rest)?.[0] ?? fail(index, line);
    if (mark !== '- ') continue;
    const [original, after] = unquote(rest) ?? fail(index, line);
    const [replacement, reason] = unquote(after.replace(/^ → /, '')) ?? fail(index, line);
    if (!/^: .{10}/.test(reason)) fail(index, line);
    const key = `${file} | ${text} | ${original} → ${replacement}`;
    if (reasons.has(key)) fail(index, line);
    reasons.set(key, reason.slice(2));
  }
  return reasons;
}

/** As it stands there, to be completed with a reason. */
export function draftOf(mutants: readonly Mutant[]): string {
  const lines: string[] = [];
  let file = '';
  let text = '';
  for (const mutant of mutants) {
    if (mutant.file !== file) lines.push('', `## ${mutant.file}`);
    if (mutant.file !== file || mutant.text !== text) lines.push(`### ${quote(mutant.text)}`);
    ({ file, text } = mutant);
    lines.push(`- ${quote(mutant.original)} → ${quote(mutant.replacement)}: line ${mutant.line}`);
  }
  return lines.join('\n');
}

/** Code in a line of Markdown. */
function quote(code: string): string {
  return code.includes('`') ? `\`\` ${code} \`\`` : `\`${code}\``;
}

/** The code that a text begins with, and what comes behind. */
function unquote(text: string): [code: string, rest: string] | undefined {
  const [all = '', twice, once] = /^(?:`` (.*?) ``|`([^`]*)`)/.exec(text) ?? [];
  const code = twice ?? once;
  return code === undefined ? undefined : [code, text.slice(all.length)];
}

function fail(index: number, line: string): never {
  throw new Error(
    `test/mutation/survivors.md, line ${index + 1}: write "- \`original\` → \`replacement\`: reason", once each: ${line}`,
  );
}
