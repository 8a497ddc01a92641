// Keeps what functions and clients write from steering the terminal; colours may pass.
import { stripVTControlCharacters } from 'node:util';

const COLOUR = /(\u001b\[[0-9;]*m)/;
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

export function safeText(text: string, colours: boolean): string {
  return text
    .split(COLOUR)
    .map((part, index) => {
      const isColour = index % 2 === 1;
      if (isColour) return colours ? part : '';
      return stripVTControlCharacters(part).replace(CONTROL, '');
    })
    .join('');
}
