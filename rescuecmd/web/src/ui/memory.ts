/** Small choices remembered on this device; where storage is forbidden they last as long as the page. */

const held = new Map<string, string>();

export function remember(name: string, value: string): void {
  held.set(name, value);
  try {
    localStorage.setItem(`rescuecmd.${name}`, value);
  } catch {
    // forbidden or full: `held` has it
  }
}

export function recall(name: string): string {
  try {
    return held.get(name) ?? localStorage.getItem(`rescuecmd.${name}`) ?? "";
  } catch {
    return held.get(name) ?? "";
  }
}
