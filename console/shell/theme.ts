// Light or dark: as the system has it, unless somebody chooses.
import { signal } from '@preact/signals';
import { chosenTheme, keepTheme, showTheme, type Theme, themeAfter } from './chosen-theme.ts';

export const theme = signal<Theme>(chosenTheme());

export function nextTheme(): void {
  theme.value = themeAfter(theme.value);
  keepTheme(theme.value);
  showTheme(theme.value);
}
