// The script of the documentation: it keeps the theme, searches, and copies code.
// Pages load it before they are shown, so that they never flash in the wrong theme.
import { chosenTheme, keepTheme, showTheme, themeAfter, themeWords } from '../shell/chosen-theme.ts';
import { addCopyButtons } from './copy-code.ts';
import { highlightCode } from './highlight-code.ts';
import { startSearch } from './search-box.ts';

showTheme(chosenTheme());
/** The way from this page to the folder of the documentation. */
const up = document.currentScript?.dataset['up'] ?? './';

document.addEventListener('DOMContentLoaded', () => {
  startTheme();
  highlightCode();
  addCopyButtons();
  startSearch(up);
  letKeysScroll();
  document.querySelector('.pages [aria-current]')?.scrollIntoView({ block: 'nearest' });
});

function startTheme(): void {
  // One of them is in the bar, and one below the page for narrow screens.
  const buttons = document.querySelectorAll<HTMLButtonElement>('.theme');
  const name = () => {
    for (const button of buttons) button.textContent = themeWords[chosenTheme()];
  };
  for (const button of buttons) {
    button.addEventListener('click', () => {
      const theme = themeAfter(chosenTheme());
      keepTheme(theme);
      showTheme(theme);
      name();
    });
    button.hidden = false;
  }
  name();
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
