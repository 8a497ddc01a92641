// Light or dark: as the system has it, unless somebody chooses.
import { signal } from '@preact/signals';

type Theme = 'system' | 'light' | 'dark';

const PLACE = 'tenfold.theme';
const ORDER: readonly Theme[] = ['system', 'light', 'dark'];

export const theme = signal<Theme>(ORDER.find(each => each === localStorage.getItem(PLACE)) ?? 'system');

export const themeWords: Readonly<Record<Theme, string>> = {
  system: 'System theme',
  light: 'Light',
  dark: 'Dark',
};

export function nextTheme(): void {
  theme.value = ORDER[(ORDER.indexOf(theme.value) + 1) % ORDER.length] ?? 'system';
  localStorage.setItem(PLACE, theme.value);
  showTheme();
}

export function showTheme(): void {
  document.documentElement.dataset['theme'] = theme.value;
}
