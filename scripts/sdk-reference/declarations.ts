// Reads what a module of the SDK exports: each declaration as its types say it, with its docstring.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Class, type ClassElement, type Comment, type Program, parseSync, type Statement } from 'oxc-parser';

export interface Declaration {
  readonly name: string;
  /** In TypeScript, without bodies and values; of overloads each one. */
  readonly signatures: readonly string[];
  /** In Markdown, one for each signature; empty where there is none. */
  readonly docs: readonly string[];
}

interface Source {
  readonly text: string;
  readonly program: Program;
  readonly comments: readonly Comment[];
}

type Exported = NonNullable<Extract<Statement, { type: 'ExportNamedDeclaration' }>['declaration']>;

/** By it the SDK knows its own values: nothing that users write. */
const OWN_MARK = /^ *readonly \[\w+\]\??: .*\n/gm;

/** By their names, in the order in which `index` exports them. */
export function readDeclarations(index: string): ReadonlyMap<string, Declaration> {
  const { program } = parse(index);
  const found = new Map<string, Declaration>();
  for (const statement of program.body) {
    if (statement.type !== 'ExportNamedDeclaration' || !statement.source) continue;
    const source = parse(join(dirname(index), statement.source.value));
    for (const { local } of statement.specifiers) {
      const name = local.type === 'Identifier' ? local.name : local.type;
      found.set(name, declarationOf(name, source));
    }
  }
  return found;
}

function parse(file: string): Source {
  const text = readFileSync(file, 'utf8');
  const { program, comments, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]?.message}`);
  return { text, program, comments };
}

function declarationOf(name: string, source: Source): Declaration {
  const all = source.program.body.flatMap(statement => {
    const declaration = statement.type === 'ExportNamedDeclaration' ? statement.declaration : undefined;
    return declaration && 'id' in declaration && nameOf(declaration.id) === name
      ? [{ declaration, start: statement.start }]
      : [];
  });
  // The implementation behind overloads is none of them.
  const overloads = all.filter(({ declaration }) => declaration.type === 'TSDeclareFunction');
  const told = overloads.length > 0 ? overloads : all;
  if (told.length === 0) throw new Error(`No declaration of ${name} was found.`);
  return {
    name,
    signatures: told.map(({ declaration }) => signatureOf(declaration, source)),
    docs: told.map(({ start }) => docBefore(start, source)),
  };
}

function nameOf(id: unknown): string | undefined {
  return typeof id === 'object' && id !== null && 'name' in id && typeof id.name === 'string' ? id.name : undefined;
}

function signatureOf(declaration: Exported, { text, comments }: Source): string {
  if (isClass(declaration)) return classOf(declaration, { text, comments });
  const { body } = declaration as { readonly body?: { readonly type: string; readonly start: number } | null };
  if (body?.type === 'FunctionBody' || body?.type === 'BlockStatement')
    return `${text.slice(declaration.start, body.start).trim()};`;
  return text.slice(declaration.start, declaration.end).replaceAll(OWN_MARK, '');
}

function isClass(declaration: Exported): declaration is Class {
  return declaration.type === 'ClassDeclaration';
}

function classOf(declaration: Class, source: Pick<Source, 'text' | 'comments'>): string {
  const { text } = source;
  const members = declaration.body.body.filter(isPublic).map(member => {
    const doc = commentBefore(member.start, source);
    return `${doc === undefined ? '' : `  ${doc}\n`}  ${memberOf(member, text)};`;
  });
  return `${text.slice(declaration.start, declaration.body.start).trim()} {\n${members.join('\n')}\n}`;
}

function isPublic(member: ClassElement): boolean {
  return 'key' in member && member.key.type === 'Identifier' && !member.computed;
}

function memberOf(member: ClassElement, text: string): string {
  const end =
    member.type === 'PropertyDefinition'
      ? (member.typeAnnotation?.end ?? member.key.end)
      : member.type === 'MethodDefinition'
        ? (member.value.body?.start ?? member.end)
        : member.end;
  return text.slice(member.start, end).trim();
}

/** The text of the comment, with its marks. Remarks for tools may stand between. */
function commentBefore(start: number, { text, comments }: Pick<Source, 'text' | 'comments'>): string | undefined {
  const before = comments.findLast(({ type, value, end }) => type === 'Block' && value.startsWith('*') && end <= start);
  if (before === undefined) return undefined;
  const between = text.slice(before.end, start).replaceAll(/\/\/ biome-ignore.*/g, '');
  return between.trim() === '' ? text.slice(before.start, before.end) : undefined;
}

function docBefore(start: number, source: Source): string {
  const comment = commentBefore(start, source) ?? '';
  return comment
    .replace(/^\/\*\*\s?/, '')
    .replace(/\s*\*\/$/, '')
    .split('\n')
    .map(line => line.replace(/^\s*\*\s?/, ''))
    .join('\n')
    .trim();
}
