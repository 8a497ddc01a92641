// Light or dark, as somebody has chosen in this browser: the Console and the documentation share
// it.
export type Theme = 'system' | 'light' | 'dark';

const PLACE = 'tenfold.theme';
const ORDER: readonly Theme[] = ['system', 'light', 'dark'];

export const themeWords: Readonly<Record<Theme, string>> = {
  system: 'System theme',
  light: 'Light',
  dark: 'Dark',
};

export function chosenTheme(): Theme {
  return ORDER.find(each => each === localStorage.getItem(PLACE)) ?? 'system';
}

export function themeAfter(theme: Theme): Theme {
  return ORDER[(ORDER.indexOf(theme) + 1) % ORDER.length] ?? 'system';
}

export function keepTheme(theme: Theme): void {
  localStorage.setItem(PLACE, theme);
}

export function showTheme(theme: Theme): void {
  document.documentElement.dataset['theme'] = theme;
}
