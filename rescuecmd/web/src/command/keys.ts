/** The keys of the wall. They do nothing while somebody types or holds a modifier, and a sheet keeps the number keys off. */

const TYPING = "input:not([type=checkbox],[type=radio]),textarea,select,[contenteditable]";

export interface KeyActions {
  push: (rank: number) => void;
  acknowledge: () => void;
  video: () => void;
  mute: () => void;
  sheet: () => void;
  close: () => void;
}

export function keyActions(actions: KeyActions): (event: KeyboardEvent) => void {
  const table: Record<string, () => void> = {
    "1": () => actions.push(1),
    "2": () => actions.push(2),
    "3": () => actions.push(3),
    a: actions.acknowledge,
    v: actions.video,
    m: actions.mute,
    "?": actions.sheet,
    Escape: actions.close,
  };
  return (event) => {
    const target = event.target as HTMLElement | null;
    const typing = target?.matches(TYPING);
    if (typing || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    const action = table[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!action || (/\d/.test(event.key) && target?.closest("dialog"))) return;
    event.preventDefault();
    action();
  };
}
