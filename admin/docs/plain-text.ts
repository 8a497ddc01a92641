// Text of the parts of a Markdown page, without their marks.
import type { Token, Tokens } from 'marked';

export function textOf(tokens: readonly Token[]): string {
  return tokens.map(textOfOne).join('');
}

function textOfOne(token: Token): string {
  switch (token.type) {
    case 'table': {
      const { header, rows } = token as Tokens.Table;
      return [header, ...rows].map(row => `${row.map(cell => textOf(cell.tokens)).join(' · ')}\n`).join('');
    }
    case 'list':
      return (token as Tokens.List).items.map(item => `${textOf(item.tokens)}\n`).join('');
    case 'html':
      // Pages show it as text, too.
      return token['text'].trimStart().startsWith('<!--') ? '' : token['text'];
    case 'br':
    case 'space':
      return '\n';
    case 'paragraph':
    case 'blockquote':
      return `${textOf(token.tokens ?? [])}\n`;
    case 'code':
      return `${token['text']}\n`;
    default:
      return 'tokens' in token && token.tokens ? textOf(token.tokens) : 'text' in token ? token['text'] : '';
  }
}
