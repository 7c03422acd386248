import { addressOf } from './address.ts';
import { storedTabs } from './storage.ts';

const MESSAGE_MS = 3_000;
/** GraphiQL stores its tabs half a second after the last change of them. */
const STORED_AFTER_MS = 600;

/** Makes a button copy the address of the chosen tab. If the browser does not allow copying, the address bar shows it. */
export function copyTabOnClick(button: HTMLButtonElement, message: HTMLElement): void {
  button.addEventListener('click', async () => {
    await new Promise((stored) => setTimeout(stored, STORED_AFTER_MS));
    const { tabs = [], activeTabIndex = 0 } = storedTabs();
    const { query, variables } = tabs[activeTabIndex] ?? {};
    const address = `${location.origin}${await addressOf(query ?? '', variables ?? '')}`;
    try {
      await navigator.clipboard.writeText(address);
      message.textContent = 'Copied';
    } catch {
      history.replaceState(null, '', address);
      message.textContent = 'The link is in the address bar';
    }
    setTimeout(() => {
      message.textContent = '';
    }, MESSAGE_MS);
  });
}
