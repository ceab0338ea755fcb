/** The keyboard goes into a sheet as it opens, goes round in it, and back to where it came from as the sheet closes. */
/** Where Tab stops; of a row of radio keys that is the chosen one. */
const STOPS = "a[href], button, input:not([type=radio]:not(:checked)), select, textarea, [tabindex]";

function stops(sheet: HTMLElement): HTMLElement[] {
  return [...sheet.querySelectorAll<HTMLElement>(STOPS)].filter(
    (one) =>
      one.checkVisibility() && !one.matches(":disabled") && !one.closest("[inert]") && one.tabIndex >= 0,
  );
}

/** For `{@attach holdFocus}`. Fingers and mice still reach everything around the sheet: an SOS is never shut out. */
export function holdFocus(sheet: HTMLElement): () => void {
  const opener = document.activeElement;
  sheet.tabIndex = -1;
  sheet.focus();

  function round(event: KeyboardEvent): void {
    if (event.key !== "Tab") return;
    const all = stops(sheet);
    const [first, last] = [all[0], all.at(-1)];
    const at = document.activeElement;
    if (event.shiftKey ? at === first || at === sheet : at === last || !last) {
      event.preventDefault();
      (event.shiftKey ? last : first)?.focus();
    }
  }

  sheet.addEventListener("keydown", round);
  return () => {
    sheet.removeEventListener("keydown", round);
    const elsewhere = document.activeElement !== document.body && !sheet.contains(document.activeElement);
    if (!elsewhere && opener instanceof HTMLElement && opener.isConnected) opener.focus();
  };
}
