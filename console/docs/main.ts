// The script of the documentation: it keeps the theme, searches, and copies code.
// Pages load it before they are shown, so that they never flash in the wrong theme.
import { chosenTheme, keepTheme, showTheme, themeAfter, themeWords } from '../shell/chosen-theme.ts';
import { addCopyButtons } from './copy-code.ts';
import { startSearch } from './search-box.ts';

showTheme(chosenTheme());
/** The way from this page to the folder of the documentation. */
const up = document.currentScript?.dataset['up'] ?? './';

document.addEventListener('DOMContentLoaded', () => {
  startTheme();
  addCopyButtons();
  startSearch(up);
  letKeysScroll();
  document.querySelector('.pages [aria-current]')?.scrollIntoView({ block: 'nearest' });
});

function startTheme(): void {
  const button = document.querySelector<HTMLButtonElement>('.theme');
  if (!button) return;
  const name = () => {
    button.textContent = themeWords[chosenTheme()];
  };
  button.addEventListener('click', () => {
    const theme = themeAfter(chosenTheme());
    keepTheme(theme);
    showTheme(theme);
    name();
  });
  name();
  button.hidden = false;
}

/** Tables and code that are wider than the page take the focus, so that arrows move them. */
function letKeysScroll(): void {
  const wide = new ResizeObserver(entries => {
    for (const { target } of entries)
      if (target.scrollWidth > target.clientWidth) target.setAttribute('tabindex', '0');
      else target.removeAttribute('tabindex');
  });
  for (const each of document.querySelectorAll('.scroll, pre')) wide.observe(each);
}
